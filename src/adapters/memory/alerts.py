from collections.abc import Collection
from dataclasses import dataclass

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.alerts.alert import Alert, AlertChange, AlertStatus
from domain.alerts.errors import AlertNotFound
from domain.shared.ids import AlertId, SignalId, UserId
from domain.signals.subject import Subject


def alerts_in(transaction: Transaction, facts: Facts) -> Aggregates[Alert]:
    """Return the alerts as the transaction sees them."""
    return Aggregates(Table(transaction, "alerts"), facts, lambda alert: alert.user_id, "This alert")


@dataclass(frozen=True, slots=True)
class MemoryAlerts:
    """Alerts in memory."""

    states: Aggregates[Alert]

    async def get(self, alert_id: AlertId) -> Alert:
        """Return the alert, or raise AlertNotFound."""
        alert = self.states.find(alert_id)
        if alert is None:
            raise AlertNotFound(alert_id)
        return alert

    async def hold(self, alert_id: AlertId) -> Alert:
        """Return the alert, and keep others from changing it until the commit; or raise AlertNotFound."""
        await self.states.table.hold(alert_id)
        return await self.get(alert_id)

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts at the commit."""
        await self.states.record(change)

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        return next((alert for alert in self.states.all() if alert.signal_id == signal_id), None)

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved, oldest first."""
        found = [
            alert for alert in self.states.all() if alert.subject == subject and alert.resolved_at is None
        ]
        return tuple(sorted(found, key=lambda alert: (alert.raised_at, alert.id)))

    async def list(
        self, user_id: UserId, *, status: Collection[AlertStatus], before: AlertId | None, limit: int
    ) -> tuple[Alert, ...]:
        """Return the user's alerts, newest first; all when no status is named."""
        return self.states.newest(
            lambda alert: alert.user_id == user_id and (not status or alert.status in status),
            lambda alert: alert.raised_at,
            before=before,
            limit=limit,
        )
