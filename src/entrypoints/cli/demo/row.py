from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.devchain.aave_market import scaled
from application.positions.read_wallet import Reading
from domain.positions.health import HealthFactor
from domain.positions.liquidation import LiquidationPrice, Side
from domain.positions.position import LendingPosition
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.chain import Address
from domain.shared.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What Plimsoll says of one wallet at one block; amounts count the base currency."""

    wallet: Address
    block_number: int
    block_hash: str
    health: HealthFactor | None
    collateral: int
    debt: int
    price: LiquidationPrice | None

    @staticmethod
    def of_position(position: Mapping[str, Any]) -> "Row":
        """Read a position as the HTTP API shows it; raises Conflict for one that could not be read."""
        holdings = position["holdings"]
        if holdings is None:
            raise Conflict(f"The position of {position['wallet']} is unknown: {position['reason']}")
        account = holdings["account"]
        health = account["health_factor"]
        prices = [_price(one) for one in holdings["liquidation_prices"] or ()]
        return Row(
            wallet=position["wallet"],
            block_number=position["block"]["number"],
            block_hash=position["block"]["hash"],
            health=None if health is None else HealthFactor(scaled(Decimal(health), 18, "health")),
            collateral=_base(account["total_collateral_usd"]),
            debt=_base(account["total_debt_usd"]),
            price=_nearest(prices),
        )

    @staticmethod
    def of_reading(reading: Reading) -> "Row":
        """Read a wallet that nobody signed up; raises Conflict for one that could not be read."""
        position = reading.seen
        if not isinstance(position, LendingPosition):
            raise Conflict(f"A wallet of the demo could not be read: {position}")
        return Row(
            wallet=position.wallet,
            block_number=reading.block.number,
            block_hash=reading.block.hash,
            health=position.health_factor,
            collateral=position.account.total_collateral,
            debt=position.account.total_debt,
            price=_nearest(list(reading.liquidation_prices)),
        )


def _base(text: str) -> int:
    return scaled(Decimal(text), BASE_DECIMALS, "US dollars")


def _price(shown: Mapping[str, Any]) -> LiquidationPrice:
    return LiquidationPrice(
        asset=shown["asset"],
        symbol=shown["symbol"],
        side=Side(shown["side"]),
        price=_base(shown["price_usd"]),
    )


def _nearest(prices: list[LiquidationPrice]) -> LiquidationPrice | None:
    falling = [one for one in prices if one.side is Side.FALLS_TO]
    return next(iter(falling or prices), None)
