from collections.abc import Iterable

from domain.positions.health import WAD, Account, HealthFactor
from domain.positions.law import Law
from domain.positions.position import Leg
from domain.positions.reserve import EMode, Reserve

_PERCENT = 10_000


def account_of(legs: Iterable[Leg], emode: EMode | None, law: Law) -> Account:
    """Return the totals and health factor as `GenericLogic.calculateUserAccountData` computes them under this law.

    Every division rounds where the contract's does. Source: GenericLogic.sol, PercentageMath.sol and WadRayMath.sol
    of the npm packages @aave/core-v3 (3.0.2) and @aave-dao/aave-v3-origin (3.6.0), and of the releases between.
    """
    collateral = debt = weighted_ltv = weighted_threshold = 0
    for leg in legs:
        reserve = leg.reserve
        if counts_as_collateral(leg, law):
            worth = worth_of(leg.supplied, reserve)
            ltv, threshold = limits_of(reserve, emode, law)
            collateral += worth
            weighted_ltv += worth * ltv
            weighted_threshold += worth * threshold
        if leg.debt:
            debt += burden_of(leg.debt, reserve, law)
    return Account(
        total_collateral=collateral,
        total_debt=debt,
        ltv=average(weighted_ltv, collateral),
        liquidation_threshold=average(weighted_threshold, collateral),
        health_factor=health_factor(collateral, weighted_threshold, debt, law),
    )


def counts_as_collateral(leg: Leg, law: Law) -> bool:
    """Say whether the supply is part of the collateral: the wallet lets it, and the law has no objection."""
    if not leg.is_collateral:
        return False
    return leg.reserve.liquidation_threshold != 0 or law.emodes_name_what_lends_nothing


def limits_of(reserve: Reserve, emode: EMode | None, law: Law) -> tuple[int, int]:
    """Return loan-to-value and liquidation threshold of a reserve for a wallet in this e-mode.

    Before v3.6 a reserve whose own loan-to-value is zero keeps it inside an e-mode, but takes on its threshold.
    """
    if emode is None:
        return reserve.ltv, reserve.liquidation_threshold
    if reserve.emode != emode.id:
        return 0 if emode.isolated else reserve.ltv, reserve.liquidation_threshold
    lends = reserve.lends_in_emode if law.emodes_name_what_lends_nothing else reserve.ltv != 0
    return emode.ltv if lends else 0, emode.liquidation_threshold


def worth_of(amount: int, reserve: Reserve) -> int:
    """Return what an amount in the smallest unit is worth in the base currency, rounded down."""
    return int(amount * reserve.price // 10**reserve.decimals)


def burden_of(amount: int, reserve: Reserve, law: Law) -> int:
    """Return what an amount that is owed, in the smallest unit, counts for in the base currency."""
    return burden_at(amount, reserve.price, 10**reserve.decimals, law)


def burden_at(amount: int, price: int, unit: int, law: Law) -> int:
    """Return what an amount that is owed counts for at a price: rounded up since v3.5, before that down."""
    return -(-amount * price // unit) if law.divides_once else amount * price // unit


def average(weighted: int, collateral: int) -> int:
    """Return the average limit of all collateral, rounded down to a basis point."""
    return weighted // collateral if collateral else 0


def health_factor(collateral: int, weighted: int, debt: int, law: Law) -> HealthFactor | None:
    """Return the health factor of totals in the base currency; None without debt.

    `weighted` is the sum of each collateral's worth times its threshold. Since v3.5 it is divided by the debt, half
    up, and by a hundred percent, down. Before, its average was floored to a basis point, then the collateral weighted
    with that average (`percentMul`, half up), then divided by the debt (`wadDiv`, half up).
    """
    if not debt:
        return None
    if law.divides_once:
        return HealthFactor((weighted * WAD + debt // 2) // debt // _PERCENT)
    safe = (collateral * average(weighted, collateral) + _PERCENT // 2) // _PERCENT
    return HealthFactor((safe * WAD + debt // 2) // debt)
