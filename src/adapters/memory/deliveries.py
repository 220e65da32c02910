from dataclasses import dataclass
from datetime import datetime

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.alerts.ports import Claim
from application.shared.ports import Facts
from domain.alerts.delivery import Delivery, DeliveryChange, DeliveryStatus
from domain.shared.errors import NotFound
from domain.shared.ids import AlertId, DeliveryId, Id


def deliveries_in(transaction: Transaction, facts: Facts) -> Aggregates[Delivery]:
    """Return the deliveries as the transaction sees them."""
    table: Table[Id, Delivery] = Table(transaction, "deliveries")
    return Aggregates(table, facts, lambda delivery: delivery.user_id, "This delivery")


@dataclass(frozen=True, slots=True)
class MemoryDeliveries:
    """The outbox in memory."""

    states: Aggregates[Delivery]

    @property
    def _leases(self) -> Table[DeliveryId, datetime]:
        return Table(self.states.table.transaction, "delivery_leases")

    async def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return the delivery, or raise NotFound."""
        delivery = self.states.find(delivery_id)
        if delivery is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        return delivery

    async def record(self, change: DeliveryChange) -> None:
        """Store the state and append the facts at the commit."""
        await self.states.record(change)

    async def of_alert(self, alert_id: AlertId) -> tuple[Delivery, ...]:
        """Return every attempt for the alert, in the order in which they were planned."""
        found = [delivery for delivery in self.states.all() if delivery.alert_id == alert_id]
        return tuple(sorted(found, key=lambda delivery: (delivery.planned_at, delivery.attempt, delivery.id)))

    async def claim(self, *, at: datetime, until: datetime, limit: int) -> tuple[Claim, ...]:
        """Claim deliveries that are due and free, passing over those that others hold at this moment."""
        claims: list[Claim] = []
        for delivery in sorted(self._pending(), key=lambda delivery: (self._free_at(delivery), delivery.id)):
            if len(claims) == limit or self._free_at(delivery) > at:
                break
            if self.states.table.try_hold(delivery.id):
                lost = self._leases.get(delivery.id) is not None
                await self._leases.put(delivery.id, until)
                claims.append(Claim(delivery, lost))
        return tuple(claims)

    async def next_due(self) -> datetime | None:
        """Return when the next delivery is due or its lease ends; None when nothing is pending."""
        return min(map(self._free_at, self._pending()), default=None)

    def _pending(self) -> list[Delivery]:
        return [delivery for delivery in self.states.all() if delivery.status is DeliveryStatus.PENDING]

    def _free_at(self, delivery: Delivery) -> datetime:
        return self._leases.get(delivery.id) or delivery.due_at
