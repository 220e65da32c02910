from dataclasses import dataclass, field
from typing import Protocol

from domain.shared.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A secret, encrypted by the master key of this name."""

    key_id: str
    content: bytes = field(repr=False)


class SecretKeys(Protocol):
    """The ring of master keys, which never comes near the database: its newest key encrypts, all of them decrypt."""

    @property
    def newest(self) -> str:
        """The name of the key that encrypts."""
        ...

    def wrap(self, secret: bytes, *, about: bytes) -> Wrapped:
        """Encrypt a secret by the newest key; it is opened only with the same words about it."""
        ...

    def unwrap(self, wrapped: Wrapped, *, about: bytes) -> bytes:
        """Return the secret; raises RingLacksKey, or WrongKey when the key of that name did not encrypt it."""
        ...


class RingLacksKey(Conflict):
    """A secret was encrypted by a master key that is not in the ring."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"A secret was encrypted by the key {key_id[:64]!r}, which the ring of secret keys does not hold; "
            "nothing is lost: put that key back into PLIMSOLL_SECRET_KEYS_FILE."
        )


class WrongKey(Conflict):
    """A master key of this name is in the ring, but another one encrypted the secret, or the secret was altered."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"The key {key_id[:64]!r} in the ring of secret keys is not the one of that name that encrypted a "
            "secret, or the secret was altered; put the right key back into PLIMSOLL_SECRET_KEYS_FILE."
        )


class NoSecretKeys(Invalid):
    """Something secret is to be stored or read, and no master key is configured."""

    def __init__(self) -> None:
        super().__init__(
            "Personal fields are sealed, and no key for that is configured. Make one with "
            "`printf 'first:%s\\n' \"$(openssl rand -base64 32)\" > secrets.key`, keep it for nobody but Plimsoll, and "
            "set PLIMSOLL_SECRET_KEYS_FILE to that file."
        )
