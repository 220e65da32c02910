from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.shared.change import Change
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id, UserId


class Aggregate(Protocol):
    """A state that is the fold of its facts."""

    @property
    def id(self) -> Id:
        """Its identity, and that of its stream."""
        ...

    @property
    def version(self) -> int:
        """How many facts made it."""
        ...


StateT = TypeVar("StateT", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Aggregates(Generic[StateT]):
    """The one generic store of aggregates: an actor's own, written with their facts or not at all."""

    table: Table[Id, StateT]
    facts: Facts
    owner: Callable[[StateT], UserId]
    noun: str

    def find(self, id: Id) -> StateT | None:
        """Return the state, if there is one that the actor may see."""
        state = self.table.get(id)
        return state if state is not None and self._visible(state) else None

    def all(self) -> list[StateT]:
        """Return every state that the actor may see."""
        return [state for state in self.table.all() if self._visible(state)]

    async def record(self, change: Change[StateT, object]) -> None:
        """Store the state and hand on the facts, or raise StaleWrite."""
        if not change.facts:
            return
        state = change.state
        expected = state.version - len(change.facts)
        await self.table.hold(state.id)
        known = self.table.get(state.id)
        if (0 if known is None else known.version) != expected or not self._visible(state):
            raise StaleWrite(self.noun)
        await self.table.put(state.id, state)
        self.facts.append(state.id, expected, change.facts, state=state)

    def newest(
        self,
        wanted: Callable[[StateT], bool],
        moment: Callable[[StateT], datetime],
        *,
        before: Id | None,
        limit: int,
    ) -> tuple[StateT, ...]:
        """Return the wanted states newest first, continuing after the one named."""

        def place(state: StateT) -> tuple[datetime, Id]:
            return moment(state), state.id

        found = sorted(filter(wanted, self.all()), key=place, reverse=True)
        if before is not None:
            last = self.find(before)
            found = [] if last is None else [state for state in found if place(state) < place(last)]
        return tuple(found[:limit])

    def _visible(self, state: StateT) -> bool:
        return self.table.transaction.sees(self.owner(state))
