from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from application.shared.ports import Place
from domain.shared.errors import Conflict, NotFound

NOTHING: Final = bytes(32)
"""What stands for the predecessor of the first commit, and of the first seal."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DOMAIN: Final = b"plimsoll.seal.v1\x00"


class SealNotFound(NotFound):
    """There is no seal of this number."""

    def __init__(self, number: int | None = None) -> None:
        super().__init__(
            "The log has no seal yet: make one with `plimsoll audit seal`."
            if number is None
            else f"The log has no seal {number}."
        )


class NotSealed(Conflict):
    """No seal covers the place yet."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"No seal covers place {place} yet: make one with `plimsoll audit seal`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a seal says: the log's first so many commits, up to this position, have this tree and chain."""

    number: int
    commit_count: int
    position: Place
    tree_root: bytes
    chain: bytes
    previous: bytes
    sealed_at: datetime
    key_id: bytes

    def content(self) -> bytes:
        """Return the bytes that are signed: integers and microseconds since 1970 in eight bytes, big-endian."""
        moment = (self.sealed_at - _EPOCH) // timedelta(microseconds=1)
        return b"".join(
            (
                _DOMAIN,
                *(
                    value.to_bytes(8, "big", signed=True)
                    for value in (self.number, self.commit_count, self.position, moment)
                ),
                self.tree_root,
                self.chain,
                self.previous,
                self.key_id,
            )
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed statement; seals are a chain of their own, each naming the digest of the one before."""

    statement: Statement
    signature: bytes

    def content(self) -> bytes:
        """Return the statement's bytes and the signature's."""
        return self.statement.content() + self.signature

    def digest(self) -> bytes:
        """Return the SHA-256 of the content: what the next seal calls `previous`, and what an authority stamps."""
        return sha256(self.content()).digest()


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A seal with the roots of its tree's complete halves, from which the next one goes on."""

    seal: Seal
    frontier: tuple[bytes, ...] = field(repr=False)


class Seals(Protocol):
    """The seals on record."""

    async def after(self, number: int, *, limit: int) -> Sequence[StoredSeal]:
        """Return seals in the order of their numbers."""
        ...

    async def get(self, number: int) -> StoredSeal:
        """Return a seal, or raise SealNotFound."""
        ...

    async def last(self) -> StoredSeal | None:
        """Return the newest seal."""
        ...

    async def covering(self, commit: int) -> StoredSeal | None:
        """Return the first seal whose tree holds this commit."""
        ...

    async def add(self, seal: StoredSeal) -> bool:
        """Put a seal on record; False when another of its number was there first."""
        ...


class SealKeys(Protocol):
    """The public keys that somebody trusts."""

    @property
    def ids(self) -> Sequence[bytes]:
        """The SHA-256 of each."""
        ...

    def verifies(self, seal: Seal) -> bool:
        """Say whether the seal was signed, as it stands, by the key that it names."""
        ...


class SealSigner(Protocol):
    """Signs with the key in force."""

    @property
    def key_id(self) -> bytes:
        """The SHA-256 of its public half."""
        ...

    def sign(self, statement: Statement) -> Seal:
        """Return the statement with an Ed25519 signature."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a time-stamping authority signed: that it saw this digest at this time."""

    digest: bytes
    at: datetime
    nonce: int | None = None


class StampFails(Conflict):
    """A time stamp that proves nothing; `reason` goes on after "it", as a part of a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The time stamp does not hold: {reason}.")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A seal as a place outside the database has it: since when, if an authority says so, and why not to believe it."""

    number: int
    digest: bytes
    at: datetime | None = None
    fault: str | None = None


class Anchor(Protocol):
    """A place outside the database that keeps seals, so that cutting off the log's end is noticed."""

    async def last(self) -> int:
        """Return the number of the newest seal that is there; 0 when none is."""
        ...

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Put seals there durably, or the newest alone, which names the one before; what is there stays as it is.

        Raises Unavailable.
        """
        ...

    async def kept(self) -> Sequence[Kept]:
        """Return what is there, after checking what can be checked without the database."""
        ...

    async def stamp(self, number: int) -> bytes | None:
        """Return an authority's RFC 3161 response about the seal, if there is one."""
        ...


class Authorities(Protocol):
    """The time-stamping authorities that somebody trusts."""

    def check(self, response: bytes) -> Stamp:
        """Return what an RFC 3161 response says, or raise StampFails."""
        ...
