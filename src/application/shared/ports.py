from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, NewType, Protocol, TypeVar

from domain.shared.ids import Id, UserId

WorkT = TypeVar("WorkT", covariant=True)

Place = NewType("Place", int)
"""A fact's global position in the event log, counted from one without gaps."""


class Clock(Protocol):
    """Tells the time; nothing else in the application does."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class Ids(Protocol):
    """Gives new identities and secrets; nothing else in the application draws lots."""

    def new(self) -> Id:
        """Return a version 7 UUID: ordered by the time of its making."""
        ...

    def secret(self, size: int = 32) -> bytes:
        """Return so many bytes that nobody can guess."""
        ...


class Begin(Protocol[WorkT]):
    """Opens one transaction on behalf of somebody.

    The block of `async with` is the transaction: leaving it commits state and facts together, an exception undoes
    both. `actor` sees what is theirs alone; None is Plimsoll itself, and only workers may be it. Raises `StaleWrite`
    on leaving when another transaction changed the same thing first, and `Unavailable` when the database is gone.
    """

    def __call__(self, actor: UserId | None) -> AbstractAsyncContextManager[WorkT]:
        """Open the transaction."""
        ...


class Recorded(NamedTuple):
    """A fact as the log holds it: decoded in `fact`, and in `stored` the very bytes that were hashed.

    The last fact of a change has the fingerprint of the state that its stream reached with it. A tuple, because a
    replay makes millions of them.
    """

    place: Place
    stream: Id
    version: int
    type: str
    user_id: UserId | None
    fact: object
    stored: bytes
    recorded_at: datetime
    fingerprint: bytes | None = None


class Facts(Protocol):
    """The event log, as one transaction sees it."""

    def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, state: object | None = None
    ) -> None:
        """Add facts to a stream of which `expected` are on record; written, in order, as the last step of the commit.

        A fact with a `user_id` belongs to that user. Facts are numbered in the order in which they were appended, and
        one transaction may append to the same stream several times. The fingerprint of the state that the stream
        reaches with them goes on record with the last one. When the stream has moved on, the commit raises
        `StaleWrite`.
        """
        ...

    def written(self, fact: object) -> bytes:
        """Return the very bytes that appending this fact would store.

        Of a fact with personal fields, only where the transaction has read or written some of its user's.
        """
        ...

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log, of these types only where any are named."""
        ...

    def through(self, after: Place, until: Place) -> AsyncGenerator[Sequence[Recorded], None]:
        """Read the facts after one place and up to another in the order of the log, a run at a time, all types.

        The quickest way through a long log, in bounded memory; what a stored fact holds beside what its class knows is
        passed over, which `after` and `of` would refuse. Nothing else can be asked of the transaction until the
        last run was taken or the iterator was closed.
        """
        ...

    async def of(
        self, stream: Id, *, after: Place | None = None, until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's whole history in order, or what lies after one place and up to another.

        Empty if there is no such stream.
        """
        ...

    async def last(self, *, by: datetime | None = None) -> Place:
        """Return the place of the newest fact (recorded by that time); 0 when there is none."""
        ...


class Checkpoints(Protocol):
    """How far each reaction has followed the log; moved in the transaction of the reaction's effect."""

    async def hold(self, name: str) -> Place | None:
        """Return how far the reaction has come, and keep others from it until the commit; None if another has it."""
        ...

    async def move(self, name: str, place: Place) -> None:
        """Put on record that everything up to here has had its effect."""
        ...


class Followed(Protocol):
    """The event log, to whoever only follows it."""

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log, of these types only where any are named."""
        ...


class FollowingWork(Protocol):
    """What every reaction needs of its transaction."""

    @property
    def facts(self) -> Followed:
        """The event log."""
        ...

    @property
    def checkpoints(self) -> Checkpoints:
        """How far each reaction has come."""
        ...


class ReactionWork(Protocol):
    """What a reaction that writes facts of its own needs of its transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def checkpoints(self) -> Checkpoints:
        """How far each reaction has come."""
        ...
