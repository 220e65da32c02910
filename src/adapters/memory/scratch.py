from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from adapters.memory.database import MemoryDatabase
from adapters.memory.memory_rows import MemoryMemoryRows
from adapters.memory.row_differences import difference_of
from application.audit.ports import AuditWork, State
from application.audit.replaying.fold import Kind
from application.audit.replaying.row_difference import RowDifference
from application.audit.replaying.scratch import Folded, Reactions
from domain.identity.user import User
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class MemoryFoldedRows:
    """The folded states of a memory database, held against its stored ones."""

    database: MemoryDatabase
    states: dict[Kind, dict[Id, State]] = field(default_factory=lambda: {kind: {} for kind in Kind})

    async def some(self, kind: Kind, ids: Collection[Id]) -> Sequence[State]:
        """Return those of the states that were put away before."""
        return [self.states[kind][one] for one in ids if one in self.states[kind]]

    async def put(self, kind: Kind, folded: Sequence[Folded]) -> None:
        """Put states away, in place of what they were before."""
        self.states[kind].update({one.state.id: one.state for one in folded})

    async def stored(self, kind: Kind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        return len(await self._stored(kind, user))

    async def differing(self, kind: Kind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        stored = await self._stored(kind, user)
        for one in sorted({*stored, *self.states[kind]}):
            theirs, ours = stored.get(one), self.states[kind].get(one)
            if theirs != ours:
                yield difference_of((str(one),), theirs, ours)

    async def _stored(self, kind: Kind, user: UserId | None) -> dict[Id, State]:
        async with self.database.begin(None) as work:
            states = await work.states.page(kind, after=None, limit=2**62)
        return {state.id: state for state in states if user is None or _owner(state) == user}


@dataclass(frozen=True, slots=True)
class MemorySpace:
    """What a replay makes of a memory database."""

    database: MemoryDatabase
    rows: MemoryFoldedRows
    memories: MemoryMemoryRows
    reactions: Reactions

    def standing_still(self) -> AbstractAsyncContextManager[AuditWork]:
        """Open a transaction; nothing moves in memory while nobody waits for anything."""
        return self.database.begin(None)


@dataclass(frozen=True, slots=True)
class MemoryScratch:
    """Gives spaces in memory to replay a memory database in."""

    database: MemoryDatabase
    reactions: Callable[[], Reactions]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[MemorySpace]:
        """Open a space of one's own."""
        reactions = self.reactions()
        try:
            yield MemorySpace(
                self.database, MemoryFoldedRows(self.database), MemoryMemoryRows(self.database), reactions
            )
        finally:
            reactions.close()


def _owner(state: State) -> UserId:
    return state.id if isinstance(state, User) else state.user_id
