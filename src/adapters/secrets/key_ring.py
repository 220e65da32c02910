import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.shared.secrets import RingLacksKey, Wrapped, WrongKey
from domain.shared.errors import Invalid

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ENTRY: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,63}):([A-Za-z0-9+/]{43}=)")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys of 32 bytes by their names, the newest first; it encrypts with AES-256-GCM and random nonces."""

    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `name:base64` entries, one a line or between commas, the newest first; `#` begins a comment.

        Raises Invalid, and never repeats what it read.
        """
        keys: dict[str, bytes] = {}
        entries = [entry for line in text.splitlines() for entry in line.partition("#")[0].split(",")]
        for entry in filter(None, map(str.strip, entries)):
            name, key = _entry(entry)
            if name in keys:
                raise Invalid(f"The ring of secret keys names {name!r} twice; a new key takes a new name.")
            keys[name] = key
        if not keys:
            raise Invalid(_EXPECTED)
        return cls(keys)

    @property
    def newest(self) -> str:
        """The name of the key that encrypts."""
        return next(iter(self.keys))

    def wrap(self, secret: bytes, *, about: bytes) -> Wrapped:
        """Encrypt a secret by the newest key; it is opened only with the same words about it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = AESGCM(self.keys[self.newest]).encrypt(nonce, secret, about)
        return Wrapped(self.newest, nonce + content)

    def unwrap(self, wrapped: Wrapped, *, about: bytes) -> bytes:
        """Return the secret; raises RingLacksKey, or WrongKey when the key of that name did not encrypt it."""
        key = self.keys.get(wrapped.key_id)
        if key is None:
            raise RingLacksKey(wrapped.key_id)
        nonce, content = wrapped.content[:_NONCE_BYTES], wrapped.content[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, content, about)
        except (InvalidTag, ValueError):
            raise WrongKey(wrapped.key_id) from None


def new_entry(name: str) -> str:
    """Make a master key, as a line of a key file."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"


def _entry(entry: str) -> tuple[str, bytes]:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise Invalid(_EXPECTED)
    try:
        key = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        raise Invalid(_EXPECTED) from None
    return found[1], key


_EXPECTED: Final = (
    "The ring of secret keys cannot be read: each line is a name, a colon and 32 random bytes in base64, as "
    "`printf 'first:%s\\n' \"$(openssl rand -base64 32)\"` makes them; the newest key comes first."
)
