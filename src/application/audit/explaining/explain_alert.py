from dataclasses import dataclass

from application.audit.explaining.evidence import gather
from application.audit.explaining.explanation import Explanation
from application.audit.explaining.inputs import inputs_of
from application.audit.explaining.remake import remade
from application.audit.explaining.story import story
from application.audit.ports import AuditWork
from application.audit.reading.taken import Input, Missing
from application.shared.ports import Begin
from domain.shared.ids import AlertId, UserId


@dataclass(frozen=True, slots=True)
class ExplainAlert:
    """Tell from the log alone why an alert fired and what became of it, and make its decisions again to prove it."""

    begin: Begin[AuditWork]

    async def __call__(self, *, actor: UserId | None, alert_id: AlertId) -> Explanation:
        """Return the explanation; raises AlertNotFound, and HistoryBroken when the log contradicts itself."""
        async with self.begin(actor) as work:
            evidence = await gather(work, actor, alert_id)
            again = tuple(remade(evidence, work.facts.written))
        obstacle = evidence.input.reason if isinstance(evidence.input, Missing) else None
        if obstacle is None and evidence.rules is None:
            obstacle = "The log does not hold the rules that the signal was taken by."
        return Explanation(
            alert=evidence.alert,
            signal=evidence.signal,
            rules=evidence.rules,
            deliveries=evidence.deliveries,
            steps=story(evidence),
            remade=again,
            obstacle=obstacle,
            decided_at=evidence.signal.detected_at,
            inputs=tuple(inputs_of(evidence)),
            seen=evidence.input.seen if isinstance(evidence.input, Input) else None,
        )
