from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.audit.replaying.report import Difference, DifferenceKind
from application.shared.ports import Facts, Place, Recorded
from domain.alerts.events import AlertRaised, AlertResolved
from domain.shared.ids import Id, read_id
from domain.signals.events import SignalCleared, SignalDetected

_NOWHERE: Final = Place(2**63 - 1)
"""Where the cause of a decision stands that is not in the log yet either."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Tells what a reaction has yet to decide from what it owes: decisions from facts that it has followed already.

    A reaction moves its checkpoint in the transaction of its decisions; so there are none, unless somebody moved it.
    """

    facts: Facts
    reaction: str
    followed: Place

    async def among(self, pending: Sequence[Recorded]) -> list[Difference]:
        """Name each of the first of these decisions that is owed; they come in the order of their causes."""
        found = list[Difference]()
        place = _NOWHERE
        for decision in pending:
            place = await self._cause(decision, place)
            if place > self.followed:
                break
            found.append(self._missing(decision, place))
        return found

    async def _cause(self, decision: Recorded, before: Place) -> Place:
        match decision.fact:
            case SignalDetected() | SignalCleared() as finding:
                stream, version = finding.source.split("@")
                return await self._place(read_id(stream), version=int(version))
            case AlertRaised() as raised:
                return await self._place(raised.signal_id, SignalDetected)
            case AlertResolved() as resolved:
                for one in await self.facts.of(resolved.alert_id):
                    if isinstance(one.fact, AlertRaised):
                        return await self._place(one.fact.signal_id, SignalCleared)
                return _NOWHERE
            case _:
                return before  # a delivery, planned with the alert

    async def _place(self, stream: Id, type: type = object, *, version: int | None = None) -> Place:
        for one in await self.facts.of(stream):
            if isinstance(one.fact, type) and version in {None, one.version}:
                return one.place
        return _NOWHERE

    def _missing(self, decision: Recorded, place: Place) -> Difference:
        sentence = (
            f"The fact at place {place} leads to {decision.type} of {decision.stream}, and {self.reaction} is on "
            f"record as having followed the log to place {self.followed}, but the log has none."
        )
        return Difference(
            kind=DifferenceKind.DECISION_MISSING, id=decision.stream, place=place, sentence=sentence
        )
