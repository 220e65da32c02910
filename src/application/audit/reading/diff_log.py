from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from application.audit.reading.diff_states import DiffWork, FieldChange, between, changes_of
from application.audit.reading.fact_search import FactFilter, Touched
from application.audit.reading.moment import Moment
from application.audit.reading.stream_state import state_at
from application.audit.replaying.fold import Kind, kind_of_type
from application.shared.ports import Begin, Place
from domain.shared.ids import Id, UserId

MOST: Final = 100
"""States that are compared at once."""


@dataclass(frozen=True, slots=True)
class KindTally:
    """How much of one kind changed: how many facts came, in how many streams, and how many of those were new."""

    kind: Kind
    facts: int
    states: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """One thing that changed, the first and the last fact that did it, and what became of its fields."""

    kind: Kind
    id: Id
    new: bool
    facts: int
    first: Place
    last: Place
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDiff:
    """What changed between two positions, by kind, and a page of the things that did.

    `more` is the position after which the next page begins; None on the last one.
    """

    since: Place
    until: Place
    kinds: tuple[KindTally, ...]
    changes: tuple[StateChange, ...]
    more: Place | None


@dataclass(frozen=True, slots=True)
class DiffLog:
    """Show every state that changed between two moments, from the log alone and a page at a time."""

    begin: Begin[DiffWork]

    async def __call__(
        self,
        *,
        actor: UserId | None,
        since: Moment,
        until: Moment | None = None,
        kinds: Sequence[Kind] = tuple(Kind),
        beyond: Place | None = None,
        limit: int = 20,
    ) -> LogDiff:
        """Return what changed after the first moment and up to the second, in the order of the first change.

        Raises Invalid when the moments are not in order.
        """
        limit = min(limit, MOST)
        async with self.begin(actor) as work:
            low, high = await between(work, since, until)
            names = _names(work.search.names, kinds)
            wanted = FactFilter(after=low, until=high, names=tuple(names))
            page = await work.search.touched(wanted, beyond=beyond or low, limit=limit + 1)
            changes = [
                await _change(work, actor, one, names[one.first_name], (low, high)) for one in page[:limit]
            ]
            return LogDiff(
                since=low,
                until=high,
                kinds=tuple([await _tally(work, wanted, kind, names) for kind in kinds]),
                changes=tuple(changes),
                more=page[limit - 1].first if len(page) > limit else None,
            )


def _names(known: Mapping[str, type], kinds: Sequence[Kind]) -> dict[str, Kind]:
    found = {name: kind_of_type(fact) for name, fact in known.items()}
    return {name: kind for name, kind in found.items() if kind is not None and kind in kinds}


async def _tally(work: DiffWork, wanted: FactFilter, kind: Kind, names: Mapping[str, Kind]) -> KindTally:
    """Count by kind: a stream is of one kind, though its facts have many names."""
    theirs = replace(wanted, names=tuple(name for name, its in names.items() if its is kind))
    count = await work.search.count(theirs)
    return KindTally(kind, count.facts, count.streams, count.begun)


async def _change(
    work: DiffWork, actor: UserId | None, touched: Touched, kind: Kind, span: tuple[Place, Place]
) -> StateChange:
    before, after = [await state_at(work, actor, kind, touched.stream, until=until) for until in span]
    return StateChange(
        kind=kind,
        id=touched.stream,
        new=touched.first_version == 1,
        facts=touched.facts,
        first=touched.first,
        last=touched.last,
        changes=changes_of(before, after),
    )
