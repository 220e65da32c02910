from collections.abc import Iterable

from domain.positions.health import WAD, Account, HealthFactor
from domain.positions.position import Leg
from domain.positions.reserve import EMode

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
        unit = 10**reserve.decimals
        if leg.is_collateral and reserve.liquidation_threshold:
            worth = leg.supplied * reserve.price // unit
            in_emode = emode is not None and reserve.emode == emode.id
            collateral += worth
            if reserve.ltv:
                weighted_ltv += worth * (emode.ltv if emode and in_emode else reserve.ltv)
            weighted_threshold += worth * (
                emode.liquidation_threshold if emode and in_emode else reserve.liquidation_threshold
            )
        if leg.debt:
            debt += leg.debt * reserve.price // unit
    threshold = weighted_threshold // collateral if collateral else 0
    return Account(
        total_collateral=collateral,
        total_debt=debt,
        ltv=weighted_ltv // collateral if collateral else 0,
        liquidation_threshold=threshold,
        health_factor=_health_factor(collateral, threshold, debt),
    )


def _health_factor(collateral: int, threshold: int, debt: int) -> HealthFactor | None:
    if not debt:
        return None
    weighted = (collateral * threshold + _PERCENT // 2) // _PERCENT
    return HealthFactor((weighted * WAD + debt // 2) // debt)
