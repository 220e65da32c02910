from dataclasses import dataclass
from datetime import datetime, timedelta

from application.alerts.ports import AlertsWork, Claim
from application.shared.ports import Begin, Clock

LEASE = timedelta(seconds=60)
"""Longer than any channel's time-out: while it lasts, nobody else makes the same attempt."""

BATCH = 20


@dataclass(frozen=True, slots=True)
class ClaimDeliveries:
    """Take the deliveries that are due, so that this worker and no other makes them."""

    begin: Begin[AlertsWork]
    clock: Clock

    async def __call__(self, *, limit: int = BATCH) -> tuple[Claim, ...]:
        """Return the claims; a claim that another worker let lapse comes back marked as lost."""
        at = self.clock.now()
        async with self.begin(None) as work:
            return await work.deliveries.claim(at=at, until=at + LEASE, limit=limit)


@dataclass(frozen=True, slots=True)
class NextDelivery:
    """Tell how long there is nothing to deliver."""

    begin: Begin[AlertsWork]

    async def __call__(self) -> datetime | None:
        """Return when the next delivery is due or its lease ends; None when nothing is pending."""
        async with self.begin(None) as work:
            return await work.deliveries.next_due()
