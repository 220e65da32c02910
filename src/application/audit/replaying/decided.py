from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from application.audit.replaying.decisions import Decisions
from application.audit.replaying.report import Difference, DifferenceKind
from application.audit.replaying.stretch import Stretch
from application.audit.replaying.twin import ALERTS_DECIDED, BEGINNING, SIGNALS_DECIDED, Twin
from application.shared.ports import Place, Recorded
from domain.shared.errors import PlimsollError, Unavailable


@dataclass(slots=True)
class Decided:
    """The decisions of both reactions up to a place; a replay that cannot go on says so once, and compares no more."""

    twin: Twin
    reactions: tuple[Decisions, ...] = field(
        default_factory=lambda: (Decisions(SIGNALS_DECIDED), Decisions(ALERTS_DECIDED))
    )
    stopped: Difference | None = None
    place: Place = BEGINNING

    @property
    def agreed(self) -> int:
        """How many decisions came out the same."""
        return sum(one.agreed for one in self.reactions)

    @property
    def pending(self) -> int:
        """How many decisions are not on record yet; known once the differences are."""
        return sum(len(one.remade) for one in self.reactions)

    def stands_at(self, place: Place) -> bool:
        """Say whether everything up to a place was decided again, and nothing beyond it."""
        return self.place == place and self.stopped is None

    async def take(self, stretch: Stretch) -> None:
        """Decide again from what follows, and compare."""
        self.place, page = stretch.until, stretch.facts
        if self.stopped is not None or not page:
            return
        remade: Sequence[Recorded] = ()
        try:
            remade = await self.twin.decide(page)
        except Unavailable:
            raise  # that says nothing of the record
        except PlimsollError as refusal:
            sentence = f"The decisions from place {page[0].place} on cannot be made again. {refusal}"
            self.stopped = Difference(
                kind=DifferenceKind.INPUT_TAMPERED, id=None, place=page[-1].place, sentence=sentence
            )
        recorded = [one for one in page if self.twin.user is None or one.user_id == self.twin.user]
        for decisions in self.reactions:
            decisions.take(recorded, remade)

    def differences(self) -> Iterator[Difference]:
        """Name each difference, once everything was taken."""
        if self.stopped is not None:
            yield self.stopped
        for decisions in self.reactions:
            yield from decisions.differences(complete=self.stopped is None)
