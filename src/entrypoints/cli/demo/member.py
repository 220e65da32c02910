from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrypoints.cli.demo.cast import Actor
from entrypoints.cli.demo.client import Client
from entrypoints.cli.demo.row import Row

Shown = Mapping[str, Any]
"""Something as the HTTP API shows it."""


@dataclass(slots=True)
class Member:
    """An actor who has signed in, and what they have heard since."""

    actor: Actor
    client: Client
    id: str
    heard: dict[str, Shown] = field(default_factory=dict)

    async def position_from(self, block: int) -> Row | None:
        """Return the newest snapshot of the wallet, once it is of this block or a later one."""
        for position in (await self.client.get("/v1/positions"))["items"]:
            if position["wallet"] == self.actor.wallet and position["block"]["number"] >= block:
                return Row.of_position(position) if position["status"] == "known" else None
        return None

    async def news(self, type: str) -> Shown | None:
        """Return an alert of this type that was not heard yet, and take note of it."""
        async for alert in self.client.items("/v1/alerts"):
            if alert["type"] == type and alert["id"] not in self.heard:
                self.heard[alert["id"]] = alert
                return dict(alert)
        return None

    async def delivered(self, alert_id: str, purpose: str) -> list[Shown] | None:
        """Return the alert's deliveries for a purpose, once every channel has taken its own."""
        shown = await self.client.get(f"/v1/alerts/{alert_id}")
        taken = [
            one for one in shown["deliveries"] if one["purpose"] == purpose and one["status"] == "delivered"
        ]
        wanted = set(shown["alert"]["channels"])
        return taken if {one["channel"] for one in taken} == wanted else None

    async def in_state(self, alert_id: str, status: str) -> Shown | None:
        """Return the alert once it has this status."""
        alert: Shown = (await self.client.get(f"/v1/alerts/{alert_id}"))["alert"]
        return alert if alert["status"] == status else None
