from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from adapters.scratch.window import Window
from domain.alerts.alert import Alert, AlertChange
from domain.alerts.delivery import DeliveryChange
from domain.shared.errors import StaleWrite
from domain.shared.ids import SignalId
from domain.signals.subject import Subject

TABLES: Final = (
    "CREATE TABLE alerts (id TEXT PRIMARY KEY, signal TEXT, subject TEXT, standing INT, value BLOB) WITHOUT ROWID",
    "CREATE INDEX of_signal ON alerts (signal)",
    "CREATE INDEX of_subject ON alerts (subject) WHERE standing",
    "CREATE TABLE deliveries (id TEXT PRIMARY KEY) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class ScratchAlerts:
    """The alerts that were raised."""

    rows: Rows
    window: Window

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts, or raise StaleWrite for what there is already."""
        alert, expected = change.state, change.state.version - len(change.facts)
        known: Alert | None = self.rows.get("alerts", alert.id)
        if (0 if known is None else known.version) != expected:
            raise StaleWrite("This alert")
        found_by = {
            "signal": alert.signal_id,
            "subject": str(alert.subject),
            "standing": alert.resolved_at is None,
        }
        self.rows.put("alerts", alert.id, alert, found_by)
        self.window.append(alert.id, expected, change.facts)

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        known: list[Alert] = self.rows.read("alerts", "signal = ?", signal_id)
        return known[0] if known else None

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved, oldest first."""
        known: list[Alert] = self.rows.read("alerts", "subject = ? AND standing", str(subject))
        return tuple(sorted(known, key=lambda alert: (alert.raised_at, alert.id)))


@dataclass(frozen=True, slots=True)
class ScratchDeliveries:
    """The first attempts that were planned; nobody makes them."""

    rows: Rows
    window: Window

    async def record(self, change: DeliveryChange) -> None:
        """Append the facts; planning what is planned already raises StaleWrite."""
        planned = change.state
        new = self.rows.connection.execute("INSERT OR IGNORE INTO deliveries VALUES (?)", (planned.id,))
        if not new.rowcount:
            raise StaleWrite("This delivery")
        self.window.append(planned.id, planned.version - len(change.facts), change.facts)
