from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from uuid import UUID

from application.audit.fold import HistoryBroken, Kind, folded, following, kind_of
from application.audit.ports import AuditWork, State
from application.audit.report import Difference, DifferenceKind
from application.shared.ports import Begin, Facts, Place, Recorded

PAGE = 500


@dataclass(slots=True)
class FoldedStates:
    """Every state that the log gives when it is folded, to be held against the stored ones."""

    found: list[Difference] = field(default_factory=list)
    compared: int = 0
    _states: dict[UUID, State] = field(default_factory=dict)
    _kinds: dict[UUID, Kind] = field(default_factory=dict)
    _places: dict[UUID, Place] = field(default_factory=dict)
    _broken: set[UUID] = field(default_factory=set)

    @property
    def streams(self) -> int:
        """How many histories there are."""
        return len(self._kinds)

    def take(self, page: Sequence[Recorded]) -> None:
        """Fold the next facts of the log."""
        for recorded in page:
            kind = kind_of(recorded.fact)
            if kind is None:
                continue
            self._kinds.setdefault(recorded.stream, kind)
            self._places[recorded.stream] = recorded.place
            if recorded.stream in self._broken:
                continue
            try:
                self._states[recorded.stream] = following(self._states.get(recorded.stream), recorded)
            except HistoryBroken as broken:
                self._break(recorded.stream, recorded.place, str(broken))

    async def compare(self, begin: Begin[AuditWork]) -> None:
        """Compare with the state tables row by row, in both directions."""
        for kind in Kind:
            after: UUID | None = None
            while True:
                async with begin(None) as work:
                    rows = await work.states.page(kind, after=after, limit=PAGE)
                    for row in rows:
                        await self._compare(work.facts, kind, row)
                if not rows:
                    break
                after = rows[-1].id
        for stream, state in self._states.items():
            if stream not in self._broken:
                kind = self._kinds[stream]
                sentence = (
                    f"The log tells of {kind} {state.id} (version {state.version}), but it is not stored."
                )
                self._differ(DifferenceKind.STATE_MISSING, stream, sentence)

    async def _compare(self, facts: Facts, kind: Kind, row: State) -> None:
        self.compared += 1
        ours = self._states.pop(row.id, None)
        if row.id in self._broken:
            return
        if ours is None or ours.version < row.version:  # it moved on while the log was being read
            history = await facts.of(row.id)
            try:
                ours = folded(one for one in history if one.version <= row.version)
            except HistoryBroken as broken:
                self._break(row.id, history[-1].place, str(broken))
                return
        if ours is None:
            sentence = f"The {kind} {row.id} is stored, but the log does not tell of it."
            self._differ(DifferenceKind.STATE_UNFOUNDED, row.id, sentence)
        elif ours != row:
            sentence = f"The stored {kind} {row.id} is not what its history gives: {_named(ours, row)}."
            self._differ(DifferenceKind.STATE_ALTERED, row.id, sentence)

    def _break(self, id: UUID, place: Place, sentence: str) -> None:
        self._broken.add(id)
        self._places[id] = place
        self._differ(DifferenceKind.HISTORY_BROKEN, id, sentence)

    def _differ(self, kind: DifferenceKind, id: UUID, sentence: str) -> None:
        self.found.append(Difference(kind=kind, id=id, place=self._places.get(id), sentence=sentence))


def _named(ours: State, row: State) -> str:
    if type(ours) is not type(row):
        return f"it says {type(row).__name__.lower()} where the history says {type(ours).__name__.lower()}"
    if ours.version != row.version:
        return f"it says version {row.version} where the history ends at {ours.version}"
    names = (one.name for one in fields(ours))
    differing = [name for name in names if getattr(ours, name) != getattr(row, name)]
    return f"{', '.join(differing)} differ{'s' if len(differing) == 1 else ''}"
