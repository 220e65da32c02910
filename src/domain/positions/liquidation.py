from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.positions.aave_v3 import account_of
from domain.positions.position import Leg, LendingPosition
from domain.shared.chain import Address

_FAR = 2**20
"""A rise beyond a million times today's price is no price that anybody need hear of."""


class Side(StrEnum):
    """Which way a price must move to make the position liquidatable."""

    FALLS_TO = "falls_to"
    RISES_TO = "rises_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationPrice:
    """The price of one asset, the others unchanged, at which the health factor passes below one.

    `price` counts the base currency. At `price` the contract says liquidatable, and one unit of the base currency
    nearer to today's price it does not.
    """

    asset: Address
    symbol: str
    side: Side
    price: int


def liquidation_prices(position: LendingPosition) -> tuple[LiquidationPrice, ...]:
    """Return the liquidation price of each asset that can bring the position down on its own.

    Bisects the contract's own integer arithmetic rather than solving a formula, so that its roundings count.
    An asset without which the rest still covers the debt has none; nor has a position that is liquidatable already.
    """
    health = position.health_factor
    if health is None or health.liquidatable:
        return ()
    found = (_liquidation_price(position, leg.reserve.asset) for leg in position.legs)
    return tuple(price for price in found if price is not None)


def _liquidation_price(position: LendingPosition, asset: Address) -> LiquidationPrice | None:
    reserve = next(leg.reserve for leg in position.legs if leg.reserve.asset == asset)

    def liquidatable(price: int) -> bool:
        health = account_of(_repriced(position, asset, price), position.emode).health_factor
        return health is not None and health.liquidatable

    if liquidatable(0):
        side, price = Side.FALLS_TO, _crossing(liquidatable, bad=0, good=reserve.price)
    elif liquidatable(reserve.price * _FAR):
        side, price = Side.RISES_TO, _crossing(liquidatable, bad=reserve.price * _FAR, good=reserve.price)
    else:
        return None
    return LiquidationPrice(asset=asset, symbol=reserve.symbol, side=side, price=price)


def _repriced(position: LendingPosition, asset: Address, price: int) -> list[Leg]:
    return [
        replace(leg, reserve=replace(leg.reserve, price=price)) if leg.reserve.asset == asset else leg
        for leg in position.legs
    ]


def _crossing(liquidatable: Callable[[int], bool], *, bad: int, good: int) -> int:
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        if liquidatable(middle):
            bad = middle
        else:
            good = middle
    return bad
