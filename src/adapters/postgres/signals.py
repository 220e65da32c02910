from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata, newest_first, subject_columns, subject_of, subject_row, write_all
from application.shared.ports import Facts
from domain.identity.preferences import SignalType
from domain.shared.ids import SignalId, UserId
from domain.signals.errors import SignalNotFound
from domain.signals.events import Severity
from domain.signals.signal import Signal, SignalChange, SignalStatus

signals = Table(
    "signals",
    metadata,
    Column("id", ID, primary_key=True),
    *subject_columns(),
    Column("type", Text),
    Column("asset", Text),
    Column("severity", Text),
    Column("data", JSONB),
    Column("rule_version", BigInteger),
    Column("source", Text),
    Column("detected_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("status", Text),
    Column("version", BigInteger),
    info={"noun": "signal"},
)


@dataclass(frozen=True, slots=True)
class PostgresSignals:
    """Signals in PostgreSQL."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, signal_id: SignalId) -> Signal:
        """Return the signal, or raise SignalNotFound."""
        found = await self.connection.execute(select(signals).where(signals.c.id == signal_id))
        row = found.one_or_none()
        if row is None:
            raise SignalNotFound(signal_id)
        return signal_of(row)

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are."""
        query = select(signals).where(signals.c.id.in_(signal_ids))
        found = (signal_of(row) for row in await self.connection.execute(query))
        return {signal.id: signal for signal in found}

    async def record(self, *changes: SignalChange) -> None:
        """Store the states and append the facts at the commit."""
        rows = [(change, row_of(change.state)) for change in changes]
        await write_all(self.connection, self.facts, signals, rows)

    async def list(
        self, user_id: UserId, *, status: SignalStatus | None, before: SignalId | None, limit: int
    ) -> tuple[Signal, ...]:
        """Return the user's signals, newest first."""
        wanted = [signals.c.user_id == user_id]
        if status is not None:
            wanted.append(signals.c.status == status.value)
        page = newest_first(signals, signals.c.detected_at, *wanted, before=before, limit=limit)
        return tuple(signal_of(row) for row in await self.connection.execute(page))

    async def due_to_expire(self, at: datetime, limit: int) -> tuple[Signal, ...]:
        """Return signals whose moment has passed but that are not expired yet, the longest overdue first."""
        overdue = (signals.c.status != SignalStatus.EXPIRED.value, signals.c.expires_at <= at)
        query = select(signals).where(*overdue).order_by(signals.c.expires_at, signals.c.id).limit(limit)
        return tuple(signal_of(row) for row in await self.connection.execute(query))


def row_of(signal: Signal) -> dict[str, object]:
    """Return what the columns hold for a signal, except for id and version."""
    return {
        **subject_row(signal.subject),
        "type": signal.type.value,
        "asset": signal.asset,
        "severity": signal.severity.value,
        "data": dict(signal.data),
        "rule_version": signal.rule_version,
        "source": signal.source,
        "detected_at": signal.detected_at,
        "expires_at": signal.expires_at,
        "ended_at": signal.ended_at,
        "status": signal.status.value,
    }


def signal_of(row: Any) -> Signal:
    """Return the signal that a row holds."""
    return Signal(
        id=row.id,
        user_id=row.user_id,
        subject=subject_of(row),
        type=SignalType(row.type),
        asset=row.asset,
        severity=Severity(row.severity),
        data=row.data,
        rule_version=row.rule_version,
        source=row.source,
        detected_at=row.detected_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        status=SignalStatus(row.status),
        version=row.version,
    )
