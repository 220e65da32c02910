from dataclasses import dataclass

from application.alerts.ports import AlertsWork
from application.shared.ports import Begin, Clock
from domain.shared.ids import AlertId, UserId


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    """Let the owner say "I have seen it", which stops further notifications."""

    begin: Begin[AlertsWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, alert_id: AlertId) -> None:
        """Raise AlertNotFound, or AlertOver when it is resolved already."""
        async with self.begin(actor) as work:
            alert = await work.alerts.hold(alert_id)
            await work.alerts.record(alert.acknowledge(at=self.clock.now()))
