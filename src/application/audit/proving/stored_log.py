from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from application.shared.ports import Place
from domain.shared import merkle
from domain.shared.ids import Id

BEGINNING: Final = Place(0)
"""The place before the first fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommit:
    """A commit as its row says, whether or not that is true."""

    number: int
    first: Place
    count: int
    root: bytes
    chain: bytes

    @property
    def last(self) -> Place:
        """The place of its last fact."""
        return Place(self.first + self.count - 1)

    def content(self) -> bytes:
        """Return what a seal's tree says of it: number, first place and count in eight bytes each, and the root."""
        return b"".join(_eight(value) for value in (self.number, self.first, self.count)) + self.root

    def leaf(self) -> bytes:
        """Return its leaf in the tree that seals sign."""
        return merkle.leaf(self.content())


def _eight(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """A fact as its row says: every field that its leaf covers, nothing decoded."""

    place: Place
    event_id: Id
    stream: Id
    version: int
    type: str
    user_id: Id | None
    correlation_id: Id | None
    recorded_at: datetime
    payload: bytes
    fingerprint: bytes | None = None


LeafOf: TypeAlias = Callable[[StoredFact], bytes]
"""Hashes a fact as the writer of the log does."""


@dataclass(frozen=True, slots=True)
class LeafRun:
    """Leaves of facts at consecutive places."""

    first: Place
    leaves: Sequence[bytes]


class StoredLog(Protocol):
    """The log as it lies in the database, for those who trust none of it."""

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order of their numbers."""
        ...

    def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Hash facts in the order of their places, in bounded memory; a new run begins after every gap.

        Raises ArchiveFault where a file of the archive is missing, and behind the last run of one that was altered.
        Nothing else can be asked of the transaction until the last run was taken.
        """
        ...

    async def fact(self, place: Place) -> StoredFact | None:
        """Return the fact at a place."""
        ...

    async def commit_of(self, place: Place) -> StoredCommit | None:
        """Return the last commit that begins there or before."""
        ...

    async def commit_by_root(self, root: bytes, *, after: int) -> StoredCommit | None:
        """Return the first commit after this one that has the root."""
        ...

    async def leaves_on_record(self, number: int) -> Sequence[bytes] | None:
        """Return the leaves that the commit's writer left beside its root, whether or not they are true.

        None for a commit of one fact, whose root is its leaf, and for one that is older than this.
        """
        ...

    async def file_of(self, place: Place) -> str | None:
        """Return the name of the archive's file that holds the fact; None while the fact is in the database."""
        ...

    async def uncommitted(self) -> Place | None:
        """Return the place of the first fact behind the last commit's end; None when there is none."""
        ...

    async def out_of_turn(self, *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream: versions count from one, without gaps."""
        ...

    async def misdated(self, *, after: int, until: int) -> int | None:
        """Return the first commit whose time is neither that of its facts nor, were that earlier, its predecessor's."""
        ...
