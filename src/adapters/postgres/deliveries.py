from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata, write
from application.alerts.ports import Claim
from application.shared.ports import Facts
from domain.alerts.delivery import Delivery, DeliveryChange, DeliveryStatus
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel
from domain.shared.errors import NotFound
from domain.shared.ids import AlertId, DeliveryId

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("alert_id", ID),
    Column("user_id", ID),
    Column("channel", Text),
    Column("purpose", Text),
    Column("attempt", Integer),
    Column("due_at", DateTime(timezone=True)),
    Column("planned_at", DateTime(timezone=True)),
    Column("status", Text),
    Column("receipt", JSONB(none_as_null=True)),
    Column("reason", Text),
    Column("settled_at", DateTime(timezone=True)),
    Column("version", BigInteger),
    Column("claimed_until", DateTime(timezone=True)),
    info={"noun": "delivery"},
)

_FREE_AT = func.coalesce(deliveries.c.claimed_until, deliveries.c.due_at)
_PENDING = deliveries.c.status == DeliveryStatus.PENDING.value


@dataclass(frozen=True, slots=True)
class PostgresDeliveries:
    """The outbox in PostgreSQL. A claim is no fact: `claimed_until` is for workers, and no part of the state."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return the delivery, or raise NotFound."""
        found = await self.connection.execute(select(deliveries).where(deliveries.c.id == delivery_id))
        row = found.one_or_none()
        if row is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        return delivery_of(row)

    async def record(self, change: DeliveryChange) -> None:
        """Store the state and append the facts at the commit. Planning what is planned already raises StaleWrite."""
        await write(self.connection, self.facts, deliveries, change, row_of(change.state))

    async def of_alert(self, alert_id: AlertId) -> tuple[Delivery, ...]:
        """Return every attempt for the alert, in the order in which they were planned."""
        table = deliveries
        query = select(table).where(table.c.alert_id == alert_id)
        ordered = query.order_by(table.c.planned_at, table.c.attempt, table.c.id)
        return tuple(delivery_of(row) for row in await self.connection.execute(ordered))

    async def claim(self, *, at: datetime, until: datetime, limit: int) -> tuple[Claim, ...]:
        """Claim deliveries that are due and free, passing over those that others hold at this moment."""
        due = (
            select(deliveries.c.id, deliveries.c.claimed_until.is_not(None).label("lost"))
            .where(_PENDING, at >= _FREE_AT)
            .order_by(_FREE_AT, deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(deliveries)
            .where(deliveries.c.id == due.c.id)
            .values(claimed_until=until)
            .returning(deliveries, due.c.lost)
        )
        claims = [Claim(delivery_of(row), row.lost) for row in await self.connection.execute(claim)]
        return tuple(sorted(claims, key=lambda claim: (claim.delivery.due_at, claim.delivery.id)))

    async def next_due(self) -> datetime | None:
        """Return when the next delivery is due or its lease ends; None when nothing is pending."""
        return await self.connection.scalar(select(func.min(_FREE_AT)).where(_PENDING))


def row_of(delivery: Delivery) -> dict[str, object]:
    """Return what the columns hold for a delivery, except for id and version."""
    return {
        "alert_id": delivery.alert_id,
        "user_id": delivery.user_id,
        "channel": delivery.channel.value,
        "purpose": delivery.purpose.value,
        "attempt": delivery.attempt,
        "due_at": delivery.due_at,
        "planned_at": delivery.planned_at,
        "status": delivery.status.value,
        "receipt": None if delivery.receipt is None else dict(delivery.receipt),
        "reason": delivery.reason,
        "settled_at": delivery.settled_at,
    }


def delivery_of(row: Any) -> Delivery:
    """Return the delivery that a row holds."""
    return Delivery(
        id=row.id,
        alert_id=row.alert_id,
        user_id=row.user_id,
        channel=Channel(row.channel),
        purpose=Purpose(row.purpose),
        attempt=row.attempt,
        due_at=row.due_at,
        planned_at=row.planned_at,
        status=DeliveryStatus(row.status),
        receipt=row.receipt,
        reason=row.reason,
        settled_at=row.settled_at,
        version=row.version,
    )
