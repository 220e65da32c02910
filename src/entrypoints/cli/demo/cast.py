from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eth_account.signers.local import LocalAccount

from adapters.devchain.keys import address_of, key_of
from adapters.devchain.plan import PositionPlan
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody on the local chain: what they own and owe, and what they asked Plimsoll to tell them, if anything."""

    name: str
    owns: Mapping[str, Decimal]
    owes: Mapping[str, Decimal]
    preferences: Mapping[str, Any] | None = None
    chat_id: str | None = None
    email: str | None = None

    @property
    def title(self) -> str:
        """The name as the story has it."""
        return self.name.capitalize()

    @property
    def key(self) -> LocalAccount:
        """The key that signs for the wallet; worthless, since anybody can compute it."""
        return key_of(self.name)

    @property
    def wallet(self) -> Address:
        """The wallet that owns and owes."""
        return address_of(self.name)

    @property
    def plan(self) -> PositionPlan:
        """What to do on the chain to bring the wallet there."""
        return PositionPlan(wallet=self.wallet, supplies=self.owns, borrows=self.owes)


ALICE = Actor(
    name="alice",
    owns={"WETH": Decimal(10)},
    owes={"USDC": Decimal(12_000)},
    preferences={
        "risk_profile": "moderate",
        "alert_thresholds": {
            "health_factor_low": "1.5",
            "health_factor_critical": "1.2",
            "price_move": "0.25",
            "clear_margin": "0.02",
        },
        "active_signals": [
            "health_factor_low",
            "health_factor_critical",
            "position_liquidated",
            "price_move",
        ],
        "notification_channels": ["in_app", "telegram", "email"],
    },
    chat_id="1001",
    email="alice@plimsoll.test",
)

BOB = Actor(
    name="bob",
    owns={"WETH": Decimal(10)},
    owes={"USDC": Decimal(13_600)},
    preferences={
        "risk_profile": "aggressive",
        "alert_thresholds": {
            "health_factor_low": "1.25",
            "health_factor_critical": "1.1",
            "price_move": "0.5",
            "clear_margin": "0.02",
        },
        "active_signals": ["health_factor_low", "health_factor_critical", "position_liquidated"],
        "notification_channels": ["in_app", "telegram"],
    },
    chat_id="1002",
)

CAROL = Actor(name="carol", owns={"WBTC": Decimal(1)}, owes={"USDC": Decimal(15_000)})
DAVE = Actor(name="dave", owns={"WETH": Decimal(4), "WBTC": Decimal("0.25")}, owes={"USDC": Decimal(12_000)})

LIQUIDATOR = "liquidator"

CAST = (ALICE, BOB, CAROL, DAVE)
"""Carol and Dave have not signed up: their wallets are read, as `plimsoll watch` would, but nobody is told."""
