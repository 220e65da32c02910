import asyncio
from dataclasses import dataclass, field

from prometheus_client import Counter

from application.alerts.claim_deliveries import ClaimDeliveries, NextDelivery
from application.alerts.deliver_alerts import DeliverAlert
from application.shared.ports import Clock
from entrypoints.worker.loop import forever

DELIVERIES = Counter(
    "plimsoll_deliveries_total", "Attempts to deliver, by channel and outcome", ["channel", "outcome"]
)

LONGEST_WAIT = 5.0
"""Seconds after which the outbox looks again although nothing called it."""


@dataclass(slots=True)
class Outbox:
    """Makes the deliveries that are due, several at once, and sleeps until the next one or until it is called."""

    claim: ClaimDeliveries
    deliver: DeliverAlert
    next_delivery: NextDelivery
    clock: Clock
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self) -> None:
        """Say that there may be something to deliver."""
        self.called.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop (and called); deliveries under way then are made to their end."""
        await forever("outbox", self._pass, until=stop)

    async def _pass(self) -> None:
        self.called.clear()
        if not await self.empty():
            due = await self.next_delivery()
            wait = LONGEST_WAIT
            if due is not None:
                wait = min(max(0.0, (due - self.clock.now()).total_seconds()), LONGEST_WAIT)
            try:
                async with asyncio.timeout(wait):
                    await self.called.wait()
            except TimeoutError:
                pass

    async def empty(self) -> int:
        """Make every delivery that is due now, and return how many there were."""
        claims = await self.claim()
        deliveries = await asyncio.gather(*(self.deliver(claim) for claim in claims), return_exceptions=True)
        for delivery in deliveries:
            if isinstance(delivery, BaseException):
                raise delivery  # its claim lapses, and the attempt is then on record as unconfirmed
            DELIVERIES.labels(delivery.channel, delivery.status).inc()
        return len(claims)
