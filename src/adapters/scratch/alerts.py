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
    "CREATE TABLE alerts (id BLOB PRIMARY KEY, signal BLOB, subject TEXT, standing INTEGER, value BLOB) WITHOUT ROWID",
    "CREATE INDEX of_signal ON alerts (signal)",
    "CREATE INDEX of_subject ON alerts (subject) WHERE standing",
    "CREATE TABLE deliveries (id BLOB PRIMARY KEY) WITHOUT ROWID",
)
_PUT: Final = "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class ScratchAlerts:
    """The alerts that were raised."""

    rows: Rows
    window: Window

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts, or raise StaleWrite for what there is already."""
        alert, expected = change.state, change.state.version - len(change.facts)
        known: list[Alert] = self.rows.read("SELECT value FROM alerts WHERE id = ?", [alert.id.bytes])
        if sum(one.version for one in known) != expected:
            raise StaleWrite("This alert")
        standing = alert.resolved_at is None
        row = (alert.id.bytes, alert.signal_id.bytes, str(alert.subject), standing, alert)
        self.rows.put(_PUT, [row])
        self.window.append(alert.id, expected, change.facts)

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        known: list[Alert] = self.rows.read("SELECT value FROM alerts WHERE signal = ?", [signal_id.bytes])
        return known[0] if known else None

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved, oldest first."""
        query = "SELECT value FROM alerts WHERE subject = ? AND standing"
        known: list[Alert] = self.rows.read(query, [str(subject)])
        return tuple(sorted(known, key=lambda alert: (alert.raised_at, alert.id)))


@dataclass(frozen=True, slots=True)
class ScratchDeliveries:
    """The first attempts that were planned; nobody makes them."""

    rows: Rows
    window: Window

    async def record(self, change: DeliveryChange) -> None:
        """Append the facts; planning what is planned already raises StaleWrite."""
        planned = change.state
        if not self.rows.change("INSERT OR IGNORE INTO deliveries VALUES (?)", planned.id.bytes):
            raise StaleWrite("This delivery")
        self.window.append(planned.id, planned.version - len(change.facts), change.facts)
