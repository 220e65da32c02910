from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from application.audit.ports import State
from application.audit.replaying.fold import HistoryBroken, Kind, following, kind_of
from application.audit.replaying.report import Difference, DifferenceKind, Findings
from application.audit.replaying.scratch import Fingerprint, Folded, FoldedRows
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id, UserId

MOST: Final = 8192
"""States that are kept at hand; the others are put away until a fact of theirs comes."""


@dataclass(slots=True)
class FoldedStates:
    """Every state that the log gives when it is folded: few at hand, the others in rows put away."""

    rows: FoldedRows
    found: Findings
    fingerprint: Fingerprint
    user: UserId | None = None
    kinds: frozenset[Kind] = frozenset(Kind)
    streams: int = 0
    fingerprints: int = 0
    broken: dict[Id, Place] = field(default_factory=dict)
    strayed: dict[Id, Recorded] = field(default_factory=dict)
    _states: dict[Id, State] = field(default_factory=dict)
    _changed: dict[Kind, dict[Id, list[Recorded]]] = field(default_factory=lambda: defaultdict(dict))
    away: bool = False
    _pending: int = 0

    async def take(self, page: Sequence[Recorded]) -> None:
        """Fold the next facts of the log."""
        told = [
            (kind, recorded)
            for recorded in page
            if (kind := kind_of(recorded.fact)) is not None
            and kind in self.kinds
            and (self.user is None or recorded.user_id == self.user)
        ]
        if self.away:
            await self._recall(told)
        for kind, recorded in told:
            if recorded.stream not in self.broken:
                self._follow(kind, recorded)

    @property
    def full(self) -> bool:
        """Say whether it is time to put states away."""
        return len(self._states) > MOST or self._pending > MOST

    async def put_away(self) -> None:
        """Put every state that has changed among the rows, and have none at hand if they are too many."""
        full = self.full
        for kind, changed in self._changed.items():
            folded = [Folded(self._states[stream], tuple(facts)) for stream, facts in changed.items()]
            if folded:
                await self.rows.put(kind, folded)
        self.away = self.away or bool(self._changed)
        self._changed.clear()
        self._pending = 0
        if full:
            self._states.clear()

    def _follow(self, kind: Kind, recorded: Recorded) -> None:
        before = self._states.get(recorded.stream)
        self.streams += before is None
        try:
            state = following(before, recorded)
        except HistoryBroken as broken:
            self._break(kind, recorded, str(broken))
            return
        self._states[recorded.stream] = state
        self._changed[kind].setdefault(recorded.stream, []).append(recorded)
        self._pending += 1
        if recorded.fingerprint is not None:
            self.fingerprints += 1
            if recorded.fingerprint != self.fingerprint(state):
                self._stray(kind, recorded)

    async def _recall(self, told: Sequence[tuple[Kind, Recorded]]) -> None:
        missing: dict[Kind, set[Id]] = defaultdict(set)
        for kind, recorded in told:
            if recorded.stream not in self._states and recorded.stream not in self.broken:
                missing[kind].add(recorded.stream)
        for kind, ids in missing.items():
            for state in await self.rows.some(kind, ids):
                self._states[state.id] = state

    def _stray(self, kind: Kind, recorded: Recorded) -> None:
        """Name the first fact after which the fold comes to another state; what follows from it is not named again."""
        if recorded.stream in self.strayed:
            return
        self.strayed[recorded.stream] = recorded
        sentence = (
            f"After {recorded.type} at place {recorded.place}, the fold comes to another {kind} {recorded.stream} "
            "than was recorded."
        )
        self.found.add(
            Difference(
                kind=DifferenceKind.FINGERPRINT_DIFFERS,
                id=recorded.stream,
                place=recorded.place,
                sentence=sentence,
            )
        )

    def _break(self, kind: Kind, recorded: Recorded, sentence: str) -> None:
        self.broken[recorded.stream] = recorded.place
        self._states.pop(recorded.stream, None)
        self._changed[kind].pop(recorded.stream, None)
        self.found.add(
            Difference(
                kind=DifferenceKind.HISTORY_BROKEN,
                id=recorded.stream,
                place=recorded.place,
                sentence=sentence,
            )
        )
