from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from application.audit.replaying.report import ReplayReport
from entrypoints.cli.demo.cast import CAST, Actor
from entrypoints.cli.demo.member import Member, Shown
from entrypoints.cli.demo.narrator import Narrator
from entrypoints.cli.demo.promises import Promises, until
from entrypoints.cli.demo.row import Row
from entrypoints.cli.demo.sight import Sight
from entrypoints.cli.demo.stage import Stage


@dataclass(slots=True, kw_only=True)
class Play:
    """The demo under way: the stage, who tells it, who takes part, and everything that was seen."""

    stage: Stage
    narrator: Narrator
    promises: Promises = field(default_factory=Promises)
    members: dict[str, Member] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    sights: list[Sight] = field(default_factory=list)
    scenes: list[dict[str, Any]] = field(default_factory=list)
    liquidation: dict[str, Any] | None = None
    alerts: list[dict[str, Any]] = field(default_factory=list)
    signals: list[Shown] = field(default_factory=list)
    report: ReplayReport | None = None

    async def look(self, title: str, price: Decimal, *, block: int) -> tuple[Sight, ...]:
        """See every wallet at this block or a later one, through Plimsoll and through the contract."""
        self.narrator.doing(f"waiting for the snapshots of block {block}")
        sights = tuple([await self._sight(actor, block) for actor in CAST])
        self.sights.extend(sights)
        self.scenes.append(
            {"title": title, "eth_price_usd": str(price), "positions": [one.summary() for one in sights]}
        )
        newest = max(one.row.block_number for one in sights)
        self.narrator.show(sights, f"ETH ${price:,} at block {newest}")
        return sights

    async def _sight(self, actor: Actor, block: int) -> Sight:
        member = self.members.get(actor.name)
        if member is None:
            row = Row.of_reading(await self.stage.read(chain_id=self.stage.chain_id, wallet=actor.wallet))
        else:
            row = await until(
                f"{actor.title}'s snapshot of block {block}", lambda: member.position_from(block)
            )
        on_chain = await self.stage.oracle.health(actor.wallet, row.block_hash)
        return Sight(actor=actor, row=row, on_chain=on_chain, status=self._status(actor, row))

    def _status(self, actor: Actor, row: Row) -> str:
        if actor.preferences is None:
            return "not signed up"
        thresholds = actor.preferences["alert_thresholds"]
        fate = self.fates.get(actor.name)
        return fate or _state(row, thresholds)


def _state(row: Row, thresholds: dict[str, str]) -> str:
    if row.health is None:
        return "no debt"
    if row.health.liquidatable:
        return "liquidatable"
    if row.health.value < Decimal(thresholds["health_factor_critical"]):
        return "critical"
    return "low" if row.health.value < Decimal(thresholds["health_factor_low"]) else "safe"
