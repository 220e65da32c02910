from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from domain.alerts.errors import DeliverySettled
from domain.alerts.events import (
    DeliveryEvent,
    DeliveryFailed,
    DeliveryPlanned,
    DeliverySucceeded,
    DeliveryUnconfirmed,
    DeliveryWithdrawn,
    Purpose,
)
from domain.identity.preferences import Channel
from domain.shared.change import Change
from domain.shared.history import folded
from domain.shared.ids import AlertId, DeliveryId, UserId, derived


class DeliveryStatus(StrEnum):
    """What is known of an attempt; "unconfirmed" is neither failed nor done."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to hand an alert to one channel. Its id follows from what it is, so it cannot be planned twice."""

    id: DeliveryId
    alert_id: AlertId
    user_id: UserId
    channel: Channel
    purpose: Purpose
    attempt: int
    due_at: datetime
    planned_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    receipt: Mapping[str, str] | None = None
    reason: str | None = None
    settled_at: datetime | None = None
    version: int = 1

    @staticmethod
    def plan(
        *,
        alert_id: AlertId,
        user_id: UserId,
        channel: Channel,
        purpose: Purpose,
        attempt: int,
        due_at: datetime,
        at: datetime,
    ) -> "DeliveryChange":
        """Plan one attempt, the first being number one."""
        fact = DeliveryPlanned(
            delivery_id=DeliveryId(derived("delivery", alert_id, channel, purpose, attempt)),
            alert_id=alert_id,
            user_id=user_id,
            channel=channel,
            purpose=purpose,
            attempt=attempt,
            due_at=due_at,
            at=at,
        )
        return Change(Delivery.born(fact), (fact,))

    @staticmethod
    def born(fact: DeliveryPlanned) -> "Delivery":
        """Return the delivery as its first fact made it."""
        return Delivery(
            id=fact.delivery_id,
            alert_id=fact.alert_id,
            user_id=fact.user_id,
            channel=fact.channel,
            purpose=fact.purpose,
            attempt=fact.attempt,
            due_at=fact.due_at,
            planned_at=fact.at,
        )

    def succeed(self, *, receipt: Mapping[str, str], at: datetime) -> "DeliveryChange":
        """Put the channel's receipt on record."""
        return self._then(
            DeliverySucceeded(delivery_id=self.id, user_id=self.user_id, receipt=receipt, at=at)
        )

    def fail(self, *, reason: str, at: datetime) -> "DeliveryChange":
        """Put on record that the channel did not take the message, and why."""
        return self._then(DeliveryFailed(delivery_id=self.id, user_id=self.user_id, reason=reason, at=at))

    def lose(self, *, reason: str, at: datetime) -> "DeliveryChange":
        """Put on record that nobody knows what became of the attempt."""
        return self._then(
            DeliveryUnconfirmed(delivery_id=self.id, user_id=self.user_id, reason=reason, at=at)
        )

    def withdraw(self, *, reason: str, at: datetime) -> "DeliveryChange":
        """Give up the attempt before it was made."""
        return self._then(DeliveryWithdrawn(delivery_id=self.id, user_id=self.user_id, reason=reason, at=at))

    def after(self, fact: DeliveryEvent) -> "Delivery":
        """Return the delivery as the fact left it."""
        match fact:
            case DeliveryPlanned():
                return Delivery.born(fact)
            case DeliverySucceeded(receipt=receipt, at=at):
                settled = replace(self, status=DeliveryStatus.DELIVERED, receipt=receipt, settled_at=at)
            case DeliveryFailed(reason=reason, at=at):
                settled = replace(self, status=DeliveryStatus.FAILED, reason=reason, settled_at=at)
            case DeliveryUnconfirmed(reason=reason, at=at):
                settled = replace(self, status=DeliveryStatus.UNCONFIRMED, reason=reason, settled_at=at)
            case DeliveryWithdrawn(reason=reason, at=at):
                settled = replace(self, status=DeliveryStatus.WITHDRAWN, reason=reason, settled_at=at)
            case _:
                assert_never(fact)
        return replace(settled, version=self.version + 1)

    @staticmethod
    def folded(facts: Iterable[DeliveryEvent]) -> "Delivery":
        """Rebuild the delivery from its whole history."""
        return folded(facts, first=DeliveryPlanned, born=Delivery.born, after=Delivery.after)

    def _then(self, fact: DeliveryEvent) -> "DeliveryChange":
        if self.status is not DeliveryStatus.PENDING:
            raise DeliverySettled(self.id)
        return Change(self.after(fact), (fact,))


DeliveryChange: TypeAlias = Change[Delivery, DeliveryEvent]
