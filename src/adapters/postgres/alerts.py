from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Select, Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata, newest_first, subject_columns, subject_of, subject_row, write
from application.shared.ports import Facts
from domain.alerts.alert import Alert, AlertChange, AlertStatus
from domain.alerts.errors import AlertNotFound
from domain.identity.preferences import Channel, SignalType
from domain.shared.ids import AlertId, SignalId, UserId
from domain.signals.events import Severity
from domain.signals.subject import Subject

alerts = Table(
    "alerts",
    metadata,
    Column("id", ID, primary_key=True),
    *subject_columns(),
    Column("signal_id", ID),
    Column("type", Text),
    Column("severity", Text),
    Column("channels", ARRAY(Text)),
    Column("message", Text),
    Column("metadata", JSONB),
    Column("rule_version", BigInteger),
    Column("status", Text),
    Column("sent_at", DateTime(timezone=True)),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("resolved_at", DateTime(timezone=True)),
    Column("all_clear", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("version", BigInteger),
    info={"noun": "alert"},
)


@dataclass(frozen=True, slots=True)
class PostgresAlerts:
    """Alerts in PostgreSQL."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, alert_id: AlertId) -> Alert:
        """Return the alert, or raise AlertNotFound."""
        return await self._found(alert_id, select(alerts))

    async def hold(self, alert_id: AlertId) -> Alert:
        """Return the alert, and keep others from changing it until the commit; or raise AlertNotFound."""
        return await self._found(alert_id, select(alerts).with_for_update())

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts at the commit."""
        await write(self.connection, self.facts, alerts, change, row_of(change.state))

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        found = await self.connection.execute(select(alerts).where(alerts.c.signal_id == signal_id))
        row = found.one_or_none()
        return None if row is None else alert_of(row)

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved, oldest first."""
        named = [alerts.c[name] == value for name, value in subject_row(subject).items()]
        query = select(alerts).where(*named, alerts.c.resolved_at.is_(None))
        ordered = query.order_by(alerts.c.created_at, alerts.c.id)
        return tuple(alert_of(row) for row in await self.connection.execute(ordered))

    async def list(
        self, user_id: UserId, *, status: Collection[AlertStatus], before: AlertId | None, limit: int
    ) -> tuple[Alert, ...]:
        """Return the user's alerts, newest first; all when no status is named."""
        wanted = [alerts.c.user_id == user_id]
        if status:
            wanted.append(alerts.c.status.in_([one.value for one in status]))
        page = newest_first(alerts, alerts.c.created_at, *wanted, before=before, limit=limit)
        return tuple(alert_of(row) for row in await self.connection.execute(page))

    async def _found(self, alert_id: AlertId, query: Select[Any]) -> Alert:
        row = (await self.connection.execute(query.where(alerts.c.id == alert_id))).one_or_none()
        if row is None:
            raise AlertNotFound(alert_id)
        return alert_of(row)


def row_of(alert: Alert) -> dict[str, object]:
    """Return what the columns hold for an alert, except for id and version."""
    return {
        **subject_row(alert.subject),
        "signal_id": alert.signal_id,
        "type": alert.type.value,
        "severity": alert.severity.value,
        "channels": [channel.value for channel in alert.channels],
        "message": alert.message,
        "metadata": dict(alert.data),
        "rule_version": alert.rule_version,
        "status": alert.status.value,
        "sent_at": alert.sent_at,
        "acknowledged_at": alert.acknowledged_at,
        "resolved_at": alert.resolved_at,
        "all_clear": alert.all_clear,
        "created_at": alert.raised_at,
    }


def alert_of(row: Any) -> Alert:
    """Return the alert that a row holds."""
    return Alert(
        id=row.id,
        user_id=row.user_id,
        signal_id=row.signal_id,
        subject=subject_of(row),
        type=SignalType(row.type),
        severity=Severity(row.severity),
        channels=tuple(map(Channel, row.channels)),
        message=row.message,
        data=row.metadata,
        rule_version=row.rule_version,
        raised_at=row.created_at,
        status=AlertStatus(row.status),
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
        all_clear=row.all_clear,
        version=row.version,
    )
