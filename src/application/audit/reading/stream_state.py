from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from application.audit.ports import State, StreamSnapshot, StreamSnapshots
from application.audit.replaying.fold import HistoryBroken, Kind, following, kind_of
from application.audit.replaying.kinds import kind_of_state
from application.shared.ports import Facts, Place, Recorded
from domain.shared.ids import Id, UserId

SPACING: Final = 100
"""Facts of a stream after which its state is worth keeping: folding so many takes some ten milliseconds."""


class StreamWork(Protocol):
    """What folding one stream needs of its transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def snapshots(self) -> StreamSnapshots:
        """What long streams came to before."""
        ...


@dataclass(frozen=True, slots=True)
class _Folded:
    state: State | None
    place: Place | None
    facts: int


async def state_at(
    work: StreamWork, actor: UserId | None, kind: Kind, id: Id, *, until: Place
) -> State | None:
    """Return the state of a stream at a position, from the log; None when there was none, or none of that kind.

    A long stream is folded from its newest snapshot on, and Plimsoll itself keeps one where many facts were folded.
    Raises HistoryBroken when the log contradicts itself.
    """
    known = await work.snapshots.newest(id, until=until)
    if known is not None and kind_of_state(known.state) is not kind:
        return None
    try:
        folded = _fold(known, kind, await _history(work.facts, id, known, until))
    except HistoryBroken:
        if known is None:
            raise
        folded = _fold(None, kind, await _history(work.facts, id, None, until))
    if actor is None and folded.facts > SPACING and folded.state is not None and folded.place is not None:
        await work.snapshots.keep(StreamSnapshot(folded.state, folded.place))
    return folded.state


async def _history(facts: Facts, id: Id, known: StreamSnapshot | None, until: Place) -> Iterable[Recorded]:
    return await facts.of(id, after=None if known is None else known.place, until=until)


def _fold(known: StreamSnapshot | None, kind: Kind, history: Iterable[Recorded]) -> _Folded:
    state, place, count = (None, None, 0) if known is None else (known.state, known.place, 0)
    for recorded in history:
        if kind_of(recorded.fact) is kind:
            state, place, count = following(state, recorded), recorded.place, count + 1
    return _Folded(state, place, count)
