import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.codec.ids import packed
from domain.shared.ids import Id

PREFIX: Final = "sealed:v1:"
_INFO: Final = b"plimsoll personal fields v1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class NotSealed(Exception):
    """A text is not what this key sealed, or was sealed for another place."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One user's key, which seals texts with AES-256-GCM; `since` is where the log ended when it was made.

    The same text in the same place gives the same bytes: the nonce is the beginning of an HMAC-SHA256 over both, under
    a key of its own, so that it never serves two texts.
    """

    cipher: AESGCM = field(repr=False)
    nonces: bytes = field(repr=False)
    since: int

    @classmethod
    def of(cls, secret: bytes, *, since: int) -> Self:
        """Derive both keys from the secret of 32 bytes."""
        derived = HKDF(algorithm=SHA256(), length=2 * _KEY_BYTES, salt=None, info=_INFO).derive(secret)
        return cls(AESGCM(derived[:_KEY_BYTES]), derived[_KEY_BYTES:], since)

    def seal(self, text: str, context: bytes) -> str:
        """Return the text sealed for this context."""
        plain = text.encode()
        nonce = hmac.digest(self.nonces, context + plain, "sha256")[:_NONCE_BYTES]
        sealed = nonce + self.cipher.encrypt(nonce, plain, context)
        return PREFIX + _written(sealed)

    def open(self, text: str, context: bytes) -> str:
        """Return what was sealed, or raise NotSealed."""
        sealed = _read(text)
        if sealed is None:
            raise NotSealed
        try:
            return self.cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context).decode()
        except InvalidTag:
            raise NotSealed from None


def looks_sealed(text: str) -> bool:
    """Say whether the text has the form of a sealed one."""
    return _read(text) is not None


def context_of(user_id: Id, name: str, path: str) -> bytes:
    """Return what a sealed text belongs to: whose it is, in which fact, and in which field."""
    parts = (packed(user_id), name.encode(), path.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _read(text: str) -> bytes | None:
    if not text.startswith(PREFIX):
        return None
    written = text.removeprefix(PREFIX)
    try:
        sealed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return sealed if len(sealed) >= _NONCE_BYTES + _TAG_BYTES and _written(sealed) == written else None
