from collections.abc import Iterable

from domain.positions.health import WAD, Account, HealthFactor
from domain.positions.position import Leg
from domain.positions.reserve import EMode, Reserve

_PERCENT = 10_000


def account_of(legs: Iterable[Leg], emode: EMode | None) -> Account:
    """Return the totals and health factor as `GenericLogic.calculateUserAccountData` of Aave v3.0 computes them.

    Every division rounds where the contract's does: amounts in base currency and averages down, the weighting by the
    average threshold (`percentMul`) and the final quotient (`wadDiv`) half up. Source: GenericLogic.sol,
    PercentageMath.sol and WadRayMath.sol of the npm package @aave/core-v3.
    """
    collateral = debt = weighted_ltv = weighted_threshold = 0
    for leg in legs:
        reserve = leg.reserve
        if counts_as_collateral(leg):
            worth = worth_of(leg.supplied, reserve)
            ltv, threshold = limits_of(reserve, emode)
            collateral += worth
            weighted_ltv += worth * ltv
            weighted_threshold += worth * threshold
        if leg.debt:
            debt += worth_of(leg.debt, reserve)
    threshold = average(weighted_threshold, collateral)
    return Account(
        total_collateral=collateral,
        total_debt=debt,
        ltv=average(weighted_ltv, collateral),
        liquidation_threshold=threshold,
        health_factor=health_factor(collateral, threshold, debt),
    )


def counts_as_collateral(leg: Leg) -> bool:
    """Say whether the supply secures debts: the wallet lets it, and the reserve has a threshold at all."""
    return leg.is_collateral and leg.reserve.liquidation_threshold != 0


def limits_of(reserve: Reserve, emode: EMode | None) -> tuple[int, int]:
    """Return loan-to-value and liquidation threshold of a reserve for a wallet in this e-mode.

    A reserve whose own loan-to-value is zero keeps it inside an e-mode, but takes on the e-mode's threshold.
    """
    if emode is None or reserve.emode != emode.id:
        return reserve.ltv, reserve.liquidation_threshold
    return emode.ltv if reserve.ltv else 0, emode.liquidation_threshold


def worth_of(amount: int, reserve: Reserve) -> int:
    """Return what an amount in the smallest unit is worth in the base currency, rounded down."""
    return int(amount * reserve.price // 10**reserve.decimals)


def average(weighted: int, collateral: int) -> int:
    """Return the average limit of all collateral, rounded down to a basis point."""
    return weighted // collateral if collateral else 0


def health_factor(collateral: int, threshold: int, debt: int) -> HealthFactor | None:
    """Return the health factor of totals in the base currency at an average threshold; None without debt."""
    if not debt:
        return None
    weighted = (collateral * threshold + _PERCENT // 2) // _PERCENT
    return HealthFactor((weighted * WAD + debt // 2) // debt)
