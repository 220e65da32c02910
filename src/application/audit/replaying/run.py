from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from application.alerts.raise_alerts import RaiseAlerts
from application.audit.ports import AuditWork
from application.audit.replaying.checkpoint import ahead_of_the_log, moved_back
from application.audit.replaying.compare import StateComparison
from application.audit.replaying.compare_memories import MemoryComparison
from application.audit.replaying.decided import Decided
from application.audit.replaying.memories import OF_DETECTORS, MemoryKind
from application.audit.replaying.owed import Owed
from application.audit.replaying.report import Difference, DifferenceKind, Findings, ReplayReport
from application.audit.replaying.scratch import Fingerprint, Reproduced, ScratchSpace
from application.audit.replaying.states import FoldedStates
from application.audit.replaying.stretch import Stretch, stretch_of
from application.audit.replaying.twin import BEGINNING, Twin
from application.shared.ports import Begin, Facts, Place, Recorded
from application.signals.detect_signals import DetectSignals
from domain.shared.ids import UserId

Read: TypeAlias = Callable[[Place, Place], Awaitable[Stretch]]
"""Reads what follows a place of the log, up to another one at most."""


_DETECTS, _RAISES = DetectSignals.name, RaiseAlerts.name


@dataclass(slots=True)
class Run:
    """One replay under way: the fold of the states up to `place`, and the reactions that decide again.

    The reactions go along, but not beyond the mark: the place up to which the real one has followed the log, since its
    memory can be compared there alone. Nobody knows where that will be at the end; it never goes back.
    """

    space: ScratchSpace
    begin: Begin[AuditWork]
    found: Findings
    fingerprint: Fingerprint
    reproduced: Reproduced
    user: UserId | None
    place: Place = BEGINNING
    facts: int = 0
    stored: int = 0
    memories: int = 0
    reached: dict[str, Place] = field(default_factory=dict)
    followed: Place | None = None
    stakes: int | None = None
    states: FoldedStates = field(init=False)
    decided: Decided = field(init=False)

    def __post_init__(self) -> None:
        self.states = FoldedStates(self.space.rows, self.found, self.fingerprint, self.user)
        self.decided = Decided(Twin(self.begin, self.space.reactions, self.user))

    async def mark(self) -> Place:
        """Return how far the real detectors have followed the log by now."""
        return await self.space.memories.followed(_DETECTS)

    async def checked_mark(self, end: Place) -> Place:
        """Return the same while log and tables stand still, and no more than the log's end."""
        for reaction in (_DETECTS, _RAISES):
            self.reached[reaction] = await self.space.memories.followed(reaction)
            if self.reached[reaction] > end:
                self.found.add(ahead_of_the_log(reaction, self.reached[reaction], end))
        mark = min(self.reached[_DETECTS], end)
        if mark < self.decided.place:
            self.found.add(moved_back(_DETECTS, mark, self.decided.place))
        return mark

    async def take(self, stretch: Stretch, mark: Place) -> None:
        """Take in what follows; what the reactions leave out because of the mark, they follow later."""
        for gap in _gaps(self.place, stretch):
            self.found.add(gap)
        for recorded in stretch.facts:
            if self._concerns(recorded) and not self.reproduced(recorded):
                self.found.add(_altered(recorded))
        await self.states.take(stretch.facts)
        if self.states.full:
            await self.states.put_away()
        if self.decided.place == self.place < mark:
            await self.decided.take(stretch.up_to(mark))
        self.facts += len(stretch.facts)
        self.place = stretch.until

    async def follow(self, read: Read, until: Place) -> None:
        """Let the reactions follow what they have left out up to a place."""
        while self.decided.place < until and self.decided.stopped is None:
            await self.decided.take(await read(self.decided.place, until))

    async def compare(self, facts: Facts, mark: Place) -> None:
        """Compare what is stored, while log and tables stand still: memories at the mark, all else at the log's end."""
        self.stored = await StateComparison(self.space.rows, self.states, self.found)(facts)
        read, remembered = partial(stretch_of, facts), self.space.reactions.remembered
        compare = MemoryComparison(self.space.memories, remembered, self.found, self.user)
        await self.follow(read, mark)
        if self.decided.stands_at(mark):
            self.memories, self.followed = await compare(facts, *OF_DETECTORS), mark
        await self.follow(read, self.place)
        if self.decided.stands_at(self.place):
            self.stakes = await compare(facts, MemoryKind.STAKE)

    async def settle(self, facts: Facts) -> None:
        """Name what differs in the decisions, once everything was taken."""
        for difference in self.decided.differences():
            self.found.add(difference)
        for decisions, reaction in zip(self.decided.reactions, (_DETECTS, _RAISES), strict=True):
            owed = await Owed(facts, reaction, self.reached.get(reaction, BEGINNING)).among(decisions.remade)
            for difference in owed:
                self.found.add(difference)
                decisions.remade.popleft()

    def report(self, *, whole: bool) -> ReplayReport:
        """Say what was found; `whole` when the states were compared."""
        return ReplayReport(
            since=self.found.since,
            until=self.place,
            facts=self.facts,
            streams=self.states.streams,
            states=self.stored,
            states_compared=whole,
            memories=self.memories,
            followed=self.followed,
            stakes=self.stakes,
            fingerprints=self.states.fingerprints,
            decisions=self.decided.agreed,
            pending=self.decided.pending,
            differences=tuple(self.found.first),
            count=self.found.count,
        )

    def _concerns(self, recorded: Recorded) -> bool:
        return self.user is None or recorded.user_id == self.user


def _altered(recorded: Recorded) -> Difference:
    """Name a fact whose stored bytes say more than was read, or say it otherwise than it is written."""
    return Difference(
        kind=DifferenceKind.FACT_ALTERED,
        id=recorded.stream,
        place=recorded.place,
        sentence=f"The bytes of {recorded.type} at place {recorded.place} are not those that Plimsoll writes for it.",
    )


def _gaps(before: Place, stretch: Stretch) -> list[Difference]:
    """Name the places of a stretch of the log at which there is no fact."""
    places = [before, *(recorded.place for recorded in stretch.facts), Place(stretch.until + 1)]
    return [
        Difference(
            kind=DifferenceKind.GAP,
            id=None,
            place=Place(one + 1),
            sentence=f"The log has no facts from place {one + 1} to {other - 1}.",
        )
        for one, other in pairwise(places)
        if other > one + 1
    ]
