from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from application.audit.decisions import Decisions
from application.audit.ports import AuditWork
from application.audit.report import Difference, DifferenceKind, ReplayReport
from application.audit.states import FoldedStates
from application.audit.twin import ALERTS_DECIDED, BEGINNING, SIGNALS_DECIDED, Scratch, Twin
from application.shared.ports import Begin, Place, Recorded
from domain.shared.errors import PlimsollError

PAGE = 500

Progress: TypeAlias = Callable[[Place, Place], None]
"""Told, after each page of the log, how far the replay has come and how far it goes."""


def _silent(place: Place, until: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Replay:
    """Live the whole log again, and name everything in the record that is not what the facts lead to.

    Two checks that know nothing of one another: every stored state is compared with the fold of its history; and
    every decision of the reactions is made again from its inputs, in a store of its own, and compared byte for byte.
    """

    begin: Begin[AuditWork]
    scratch: Scratch

    async def __call__(
        self, *, since: Place = BEGINNING, until: Place | None = None, progress: Progress = _silent
    ) -> ReplayReport:
        """Replay the log up to a place (its end by default), and report what differs after `since`.

        Decisions rest on everything before them, so the replay always begins at the log's beginning.
        """
        async with self.begin(None) as work:
            last = await work.facts.last()
        last = last if until is None else min(last, until)
        states, decided = FoldedStates(), _Decided(Twin(self.begin, self.scratch()))
        found: list[Difference] = []
        facts, place = 0, BEGINNING
        while place < last:
            async with self.begin(None) as work:
                page = await work.facts.after(place, limit=PAGE, until=last)
            found.extend(_gaps(place, page, last))
            states.take(page)
            await decided.take(page)
            facts += len(page)
            place = page[-1].place if page else last
            progress(place, last)
        await states.compare(self.begin)
        found.extend(states.found)
        found.extend(decided.differences())
        return ReplayReport(
            since=since,
            until=last,
            facts=facts,
            streams=states.streams,
            states=states.compared,
            decisions=sum(one.agreed for one in decided.reactions),
            pending=sum(len(one.remade) for one in decided.reactions),
            differences=tuple(one for one in found if one.place is None or one.place > since),
        )


@dataclass(slots=True)
class _Decided:
    """The decisions of both reactions; a replay that cannot go on says so once, and compares no further."""

    twin: Twin
    reactions: tuple[Decisions, ...] = field(
        default_factory=lambda: (Decisions(SIGNALS_DECIDED), Decisions(ALERTS_DECIDED))
    )
    stopped: Difference | None = None

    async def take(self, page: Sequence[Recorded]) -> None:
        if self.stopped is not None:
            return
        remade: tuple[Recorded, ...] = ()
        try:
            remade = await self.twin.decide(page)
        except PlimsollError as refusal:
            sentence = f"The decisions from place {page[0].place} on cannot be made again. {refusal}"
            self.stopped = Difference(
                kind=DifferenceKind.INPUT_TAMPERED, id=None, place=page[-1].place, sentence=sentence
            )
        for decisions in self.reactions:
            decisions.take(page, remade)

    def differences(self) -> list[Difference]:
        found = [] if self.stopped is None else [self.stopped]
        for decisions in self.reactions:
            found.extend(decisions.differences(complete=self.stopped is None))
        return found


def _gaps(before: Place, page: Sequence[Recorded], last: Place) -> list[Difference]:
    places = [before, *(recorded.place for recorded in page)]
    if not page or (len(page) < PAGE and page[-1].place < last):
        places.append(Place(last + 1))
    return [
        Difference(
            kind=DifferenceKind.GAP,
            id=None,
            place=Place(one + 1),
            sentence=f"The log has no facts from place {one + 1} to {other - 1}.",
        )
        for one, other in pairwise(places)
        if other != one + 1
    ]
