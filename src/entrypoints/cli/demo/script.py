from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from entrypoints.cli.demo.accounts import open_accounts
from entrypoints.cli.demo.cast import ALICE, BOB
from entrypoints.cli.demo.hearing import hear
from entrypoints.cli.demo.play import Play
from entrypoints.cli.demo.proof import prove
from entrypoints.cli.demo.rescue import rescue
from entrypoints.cli.demo.ruin import ruin

START = Decimal(2_500)


@dataclass(frozen=True, slots=True)
class Fall:
    """The ETH price falls, and these alerts, and no others, are to come of it."""

    to: Decimal
    title: str
    alerts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_FALLS = (
    Fall(Decimal(2_300), "ETH slips: nobody need hear of it"),
    Fall(
        Decimal(2_050),
        "ETH falls: both near the line",
        {ALICE.name: ("health_factor_low",), BOB.name: ("health_factor_low",)},
    ),
    Fall(
        Decimal(1_800),
        "ETH falls on: Bob is in danger",
        {ALICE.name: ("price_move",), BOB.name: ("health_factor_critical",)},
    ),
    Fall(Decimal(1_680), "ETH falls on: Alice is in danger too", {ALICE.name: ("health_factor_critical",)}),
)
_LAST = Fall(Decimal(1_600), "ETH falls below Bob's liquidation price")

EXPECTED = {
    ALICE.name: ("health_factor_low", "price_move", "health_factor_critical"),
    BOB.name: ("health_factor_low", "health_factor_critical", "position_liquidated"),
}
"""Every alert that may come, and each of them once, however long the price hovers below a threshold."""


async def perform(play: Play) -> None:
    """Play the whole story; raises NotSeen as soon as something that it waits for does not come."""
    await open_accounts(play)
    play.narrator.act("Calm: ETH is at $2,500")
    await play.look("calm", START, block=await play.stage.parts.chain.block_number())
    await play.narrator.pause()
    for fall in _FALLS:
        await _fall(play, fall)
    await rescue(play, _FALLS[-1].to)
    await _fall(play, _LAST)
    await ruin(play, _LAST.to)
    await prove(play, EXPECTED)


async def _fall(play: Play, fall: Fall) -> None:
    play.narrator.act(fall.title)
    receipt = await play.stage.parts.treasury.set_price("WETH", fall.to)
    play.narrator.tell("price", f"ETH is at ${fall.to:,}", f"block {receipt.block_number}")
    await play.look(fall.title, fall.to, block=receipt.block_number)
    for name, types in fall.alerts.items():
        for wanted in types:
            alert = await hear(play, name, wanted)
            if name == ALICE.name and wanted == "health_factor_low":
                await acknowledge(play, name, alert["id"])
    await play.narrator.pause()


async def acknowledge(play: Play, name: str, alert_id: str) -> None:
    """Let somebody say "I have seen it"."""
    member = play.members[name]
    await member.client.post(f"/v1/alerts/{alert_id}/acknowledgement")
    seen = await member.in_state(alert_id, "acknowledged")
    if play.promises.check(
        seen is not None, f"{member.actor.title} acknowledged an alert, which is on record."
    ):
        play.narrator.tell("seen", f"{member.actor.title} acknowledged the alert.")
