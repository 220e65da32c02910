from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from domain.positions.exposure import Exposure
from domain.positions.position import LendingPosition
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
    nearer to today's price it does not. For an asset that is only collateral, or only debt, no price between
    it and today's is liquidatable; for one that is both, single units may be, by the contract's rounding.
    """

    asset: Address
    symbol: str
    side: Side
    price: int


def liquidation_prices(position: LendingPosition) -> tuple[LiquidationPrice, ...]:
    """Return the liquidation price of each asset that can bring the position down on its own.

    Bisects the contract's own integer arithmetic rather than solving a formula, so that its roundings count.
    An asset whose price endangers nothing has none; nor has a position that is liquidatable already.
    """
    health = position.health_factor
    if health is None or health.liquidatable:
        return ()
    found = (_liquidation_price(Exposure.of(position, leg.reserve.asset)) for leg in position.legs)
    return tuple(price for price in found if price is not None)


def _liquidation_price(exposure: Exposure) -> LiquidationPrice | None:
    today = exposure.reserve.price
    side, price = Side.FALLS_TO, _fall(exposure)
    if price is None and exposure.liquidatable(today * _FAR):
        side, price = Side.RISES_TO, _last(exposure.liquidatable, within=today * _FAR, beyond=today)
    if price is None:
        return None
    return LiquidationPrice(
        asset=exposure.reserve.asset, symbol=exposure.reserve.symbol, side=side, price=price
    )


def _fall(exposure: Exposure) -> int | None:
    doomed = exposure.liquidatable(0)
    lowest = _last(exposure.liquidatable, within=0, beyond=exposure.reserve.price) if doomed else 0
    if exposure.owed or exposure.steady:
        return lowest if doomed else None
    return _highest(exposure, lowest)


def _highest(exposure: Exposure, lowest: int) -> int | None:
    """Return the highest liquidatable price below today's and not below `lowest`; None if there is none.

    A falling price can raise the average threshold, which is floored to a basis point, by a whole one, and so heal a
    position for a while. Between two such steps health falls with the price: only the foot of each need be tried.
    """
    top = exposure.reserve.price
    if exposure.comfortable(lowest):
        return None
    if exposure.comfortable(top):
        top = _last(exposure.comfortable, within=top, beyond=lowest)
    while top >= lowest:
        if exposure.liquidatable(top):
            return top
        foot = _foot(exposure, top, lowest)
        if exposure.liquidatable(foot):
            return _last(exposure.liquidatable, within=foot, beyond=top)
        top = foot - 1
    return None


def _foot(exposure: Exposure, top: int, lowest: int) -> int:
    """Return the lowest price, not below `lowest`, at which the average threshold is still that at `top`."""
    threshold = exposure.threshold(top)
    if exposure.threshold(lowest) == threshold:
        return lowest
    return _last(lambda price: exposure.threshold(price) == threshold, within=top, beyond=lowest)


def _last(holds: Callable[[int], bool], *, within: int, beyond: int) -> int:
    """Return a price at which the claim holds and does not at the next one towards `beyond`."""
    while abs(beyond - within) > 1:
        middle = (beyond + within) // 2
        if holds(middle):
            within = middle
        else:
            beyond = middle
    return within
