import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from application.audit.proving.seals import Seal, Statement
from domain.shared.errors import Invalid

_BLOCK: Final = re.compile(rb"-----BEGIN (PRIVATE|PUBLIC) KEY-----.*?-----END \1 KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Ed25519 keys that are trusted to have signed seals, by the SHA-256 of their 32 bytes."""

    keys: dict[bytes, Ed25519PublicKey]

    @classmethod
    def of(cls, keys: Iterable[Ed25519PublicKey]) -> Self:
        """Gather keys in their order."""
        return cls({id_of(key): key for key in keys})

    @property
    def ids(self) -> Sequence[bytes]:
        """The SHA-256 of each."""
        return tuple(self.keys)

    def verifies(self, seal: Seal) -> bool:
        """Say whether the seal was signed, as it stands, by the key that it names."""
        key = self.keys.get(seal.statement.key_id)
        if key is None:
            return False
        try:
            key.verify(seal.signature, seal.statement.content())
        except InvalidSignature:
            return False
        return True

    def pem(self) -> dict[bytes, str]:
        """Return each as PEM, fit to be published."""
        return {
            key_id: key.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ).decode()
            for key_id, key in self.keys.items()
        }


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The Ed25519 key in force; it is never shown."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """The SHA-256 of its public half."""
        return id_of(self.private.public_key())

    def sign(self, statement: Statement) -> Seal:
        """Return the statement with an Ed25519 signature."""
        return Seal(statement, self.private.sign(statement.content()))


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that signs, if there is one, and all that are trusted: it, and those before it."""

    signing: SigningKey | None
    trusted: PublicKeys

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Read PEM blocks: the first private key signs; what follows, private or public, signed before and is trusted.

        Raises Invalid, and never repeats what it read.
        """
        private: list[Ed25519PrivateKey] = []
        public: list[Ed25519PublicKey] = []
        for block in _BLOCK.finditer(text):
            key = _key(block.group(0), private=block.group(1) == b"PRIVATE")
            if isinstance(key, Ed25519PrivateKey):
                private.append(key)
                public.append(key.public_key())
            else:
                public.append(key)
        if not public:
            raise Invalid(_EXPECTED)
        return cls(SigningKey(private[0]) if private else None, PublicKeys.of(public))


def id_of(key: Ed25519PublicKey) -> bytes:
    """Return the SHA-256 of a public key's 32 bytes."""
    return sha256(key.public_bytes_raw()).digest()


def new_key() -> bytes:
    """Make a private key, as PEM."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _key(block: bytes, *, private: bool) -> Ed25519PrivateKey | Ed25519PublicKey:
    try:
        key = (
            serialization.load_pem_private_key(block, password=None)
            if private
            else serialization.load_pem_public_key(block)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid(_EXPECTED) from None
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise Invalid(_EXPECTED)
    return key


_EXPECTED: Final = (
    "The key for seals cannot be read: it has to be an Ed25519 key in PEM without a password, as "
    "`openssl genpkey -algorithm ed25519` makes it."
)
