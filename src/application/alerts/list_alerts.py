from collections.abc import Collection
from dataclasses import dataclass

from application.alerts.ports import AlertsWork
from application.shared.ports import Begin
from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.delivery import Delivery
from domain.shared.ids import AlertId, UserId


@dataclass(frozen=True, slots=True)
class ListAlerts:
    """Show a user their reasons to look."""

    begin: Begin[AlertsWork]

    async def __call__(
        self, *, actor: UserId, status: Collection[AlertStatus], before: AlertId | None, limit: int
    ) -> tuple[Alert, ...]:
        """Return alerts newest first, continuing after the one named; all when no status is named."""
        async with self.begin(actor) as work:
            return await work.alerts.list(actor, status=status, before=before, limit=limit)


@dataclass(frozen=True, slots=True)
class AlertWithDeliveries:
    """An alert, and every attempt to hand it over."""

    alert: Alert
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class GetAlert:
    """Show a user one alert and what became of it."""

    begin: Begin[AlertsWork]

    async def __call__(self, *, actor: UserId, alert_id: AlertId) -> AlertWithDeliveries:
        """Return the alert with its deliveries, or raise AlertNotFound."""
        async with self.begin(actor) as work:
            alert = await work.alerts.get(alert_id)
            return AlertWithDeliveries(alert, await work.deliveries.of_alert(alert_id))
