from dataclasses import dataclass
from typing import Any

from domain.positions.health import HealthFactor
from domain.positions.reserve import BASE_DECIMALS
from entrypoints.cli.demo.cast import Actor
from entrypoints.cli.demo.row import Row
from entrypoints.cli.figures import exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One wallet at one block: what Plimsoll says, and what the contract answered of that very block."""

    actor: Actor
    row: Row
    on_chain: HealthFactor | None
    status: str

    @property
    def equal(self) -> bool:
        """Whether both health factors are the same, to the last digit."""
        return self.row.health == self.on_chain

    def summary(self) -> dict[str, Any]:
        """Return it as the summary shows it."""
        price = self.row.price
        return {
            "name": self.actor.name,
            "wallet": self.row.wallet,
            "signed_up": self.actor.preferences is not None,
            "block_number": self.row.block_number,
            "block_hash": self.row.block_hash,
            "health_factor": _shown(self.row.health),
            "health_factor_on_chain": _shown(self.on_chain),
            "equal": self.equal,
            "total_collateral_usd": exact(self.row.collateral, BASE_DECIMALS),
            "total_debt_usd": exact(self.row.debt, BASE_DECIMALS),
            "liquidation_price": None
            if price is None
            else {"symbol": price.symbol, "side": price.side, "price_usd": exact(price.price, BASE_DECIMALS)},
            "status": self.status,
        }


def _shown(health: HealthFactor | None) -> str | None:
    return None if health is None else exact(health.wad, 18)
