from dataclasses import dataclass, field
from typing import Final, Protocol

from application.audit.ports import State
from application.audit.reading.fact_search import FactFilter, FactSearch, Found
from application.audit.reading.flat import differing, flat
from application.audit.reading.moment import Moment, place_at
from application.audit.reading.stream_state import StreamWork, state_at
from application.audit.replaying.fold import Kind
from application.shared.ports import Begin, Place
from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import Id, UserId

MOST_FACTS: Final = 500
"""Facts between two moments that are shown; a stream that has more says how many."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs between two moments; None where there was nothing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDiff:
    """What became of one thing between two positions: field by field, and the facts that did it.

    `before` is None when it was not there yet. `facts` are the first ones of `count`.
    """

    kind: Kind
    id: Id
    since: Place
    until: Place
    before: State | None
    after: State
    changes: tuple[FieldChange, ...]
    facts: tuple[Found, ...] = field(repr=False)
    count: int


class DiffWork(StreamWork, Protocol):
    """What comparing two moments needs of its transaction."""

    @property
    def search(self) -> FactSearch:
        """The event log, by what is said of its facts."""
        ...


@dataclass(frozen=True, slots=True)
class DiffStates:
    """Show what changed of one thing between two moments, from the log alone."""

    begin: Begin[DiffWork]

    async def __call__(
        self, *, actor: UserId | None, kind: Kind, id: Id, since: Moment, until: Moment | None = None
    ) -> StateDiff:
        """Return what changed after the first moment and up to the second (now, when it is not named).

        Raises NotFound when there was none by the second, and Invalid when they are not in order.
        """
        async with self.begin(actor) as work:
            low, high = await between(work, since, until)
            before = await state_at(work, actor, kind, id, until=low)
            after = await state_at(work, actor, kind, id, until=high)
            if after is None:
                raise NotFound(f"There is no {kind} {id} at that point of the log.")
            within = FactFilter(after=low, until=high, stream=id)
            facts = await work.search.find(within, limit=MOST_FACTS)
            return StateDiff(
                kind=kind,
                id=id,
                since=low,
                until=high,
                before=before,
                after=after,
                changes=changes_of(before, after),
                facts=tuple(facts),
                count=(await work.search.count(within)).facts,
            )


def changes_of(before: State | None, after: State | None) -> tuple[FieldChange, ...]:
    """Compare two states of one thing field by field; what was not there has no fields."""
    then, now = (flat(state) if state is not None else {} for state in (before, after))
    return tuple(FieldChange(*one) for one in differing(then, now))


async def between(work: DiffWork, since: Moment, until: Moment | None) -> tuple[Place, Place]:
    """Return the positions that two moments stand for; raises Invalid when they are not in order."""
    low = await place_at(work.facts, since)
    last = await work.facts.last()
    high = last if until is None else min(await place_at(work.facts, until), last)
    if low > high:
        raise Invalid(f"Position {low} is not before position {high}: name the earlier moment first.")
    return low, high
