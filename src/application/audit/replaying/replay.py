from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from application.audit.ports import AuditWork
from application.audit.replaying.compare import StateComparison
from application.audit.replaying.decided import Decided
from application.audit.replaying.report import Difference, DifferenceKind, Findings, ReplayReport
from application.audit.replaying.scratch import Fingerprint, Scratch, ScratchSpace
from application.audit.replaying.states import FoldedStates
from application.audit.replaying.stretch import Stretch, stretch_of
from application.audit.replaying.twin import BEGINNING, Twin
from application.shared.ports import Begin, Facts, Place
from domain.shared.ids import UserId

Progress: TypeAlias = Callable[[Place, Place], None]
"""Told, after each page of the log, how far the replay has come and how far it goes."""


def _silent(place: Place, until: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Replay:
    """Live the whole log again, and name everything in the record that is not what the facts lead to.

    Three checks that know nothing of one another: every stored row is compared with the fold of its history, in a
    scratch schema of its own; every fingerprint that was recorded with a state is compared with the state's; and every
    decision of the reactions is made again from its inputs, and compared byte for byte. The memory that this takes
    does not grow with the log.
    """

    begin: Begin[AuditWork]
    scratch: Scratch
    fingerprint: Fingerprint

    async def __call__(
        self,
        *,
        since: Place = BEGINNING,
        until: Place | None = None,
        user: UserId | None = None,
        progress: Progress = _silent,
    ) -> ReplayReport:
        """Replay the log up to a place (its end by default), and report what differs and was caused after `since`.

        Decisions rest on everything before them, so the replay always begins at the log's beginning. State tables
        stand where the log ends: a replay that ends before compares fingerprints and decisions alone. With a user,
        only what belongs to them is folded, decided and compared.
        """
        async with self.scratch() as space:
            run = _Run(space, self.begin, Findings(since), self.fingerprint, user)
            async with self.begin(None) as work:
                last = await work.facts.last()
            last = last if until is None else min(last, until)
            while run.place < last:
                async with self.begin(None) as work:
                    stretch = await stretch_of(work.facts, run.place, last)
                await run.take(stretch)
                progress(run.place, last)
            async with space.standing_still() as work:
                end = await work.facts.last()
                whole = until is None or until >= end
                while whole and run.place < end:
                    await run.take(await stretch_of(work.facts, run.place, end))
                    progress(run.place, end)
                states = await run.compare(work.facts) if whole else None
            return run.report(states)


@dataclass(slots=True)
class _Run:
    space: ScratchSpace
    begin: Begin[AuditWork]
    found: Findings
    fingerprint: Fingerprint
    user: UserId | None
    place: Place = BEGINNING
    facts: int = 0
    states: FoldedStates = field(init=False)
    decided: Decided = field(init=False)

    def __post_init__(self) -> None:
        self.states = FoldedStates(self.space.rows, self.found, self.fingerprint, self.user)
        self.decided = Decided(Twin(self.begin, self.space.reactions, self.user))

    async def take(self, stretch: Stretch) -> None:
        """Take in what follows."""
        for gap in _gaps(self.place, stretch):
            self.found.add(gap)
        await self.states.take(stretch.facts)
        if self.states.full:
            await self.states.put_away()
        await self.decided.take(stretch.facts)
        self.facts += len(stretch.facts)
        self.place = stretch.until

    async def compare(self, facts: Facts) -> int:
        return await StateComparison(self.space.rows, self.states, self.found)(facts)

    def report(self, states: int | None) -> ReplayReport:
        for difference in self.decided.differences():
            self.found.add(difference)
        return ReplayReport(
            since=self.found.since,
            until=self.place,
            facts=self.facts,
            streams=self.states.streams,
            states=states or 0,
            states_compared=states is not None,
            fingerprints=self.states.fingerprints,
            decisions=self.decided.agreed,
            pending=self.decided.pending,
            differences=tuple(self.found.first),
            count=self.found.count,
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
