from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.domain.positions.strategies import STABLE, amounts, legs, position_of, positions, reserve

from domain.positions.aave_v3 import account_of, health_factor
from domain.positions.health import WAD, HealthFactor
from domain.positions.position import Leg, LendingPosition


def wad(of: HealthFactor | None) -> int:
    """Give no debt the rank that it has: above every health factor."""
    return 2**10_000 if of is None else of.wad


def test_a_known_position_has_its_known_health() -> None:
    ether = Leg(
        reserve=reserve(price=2_500 * 10**8, decimals=18, ltv=8_000, threshold=8_250),
        supplied=2 * 10**18,
        is_collateral=True,
    )
    dollars = Leg(reserve=reserve(2), variable_debt=2_000 * 10**6, stable_debt=500 * 10**6)
    account = account_of([ether, dollars], None)
    assert account.total_collateral == 5_000 * 10**8
    assert account.total_debt == 2_500 * 10**8
    assert (account.ltv, account.liquidation_threshold) == (8_000, 8_250)
    assert account.health_factor == HealthFactor(165 * WAD // 100)


def test_the_quotient_rounds_half_up_and_the_average_down() -> None:
    assert health_factor(10_000, 1, 3) == HealthFactor(333_333_333_333_333_333)
    assert health_factor(20_000, 1, 3) == HealthFactor(666_666_666_666_666_667)
    assert health_factor(1, 5_000, 1) == HealthFactor(WAD)
    assert health_factor(1, 4_999, 1) == HealthFactor(0)
    low, high = (
        Leg(reserve=reserve(number, threshold=threshold), supplied=10**6, is_collateral=True)
        for number, threshold in ((1, 8_000), (2, 8_001))
    )
    assert account_of([low, high], None).liquidation_threshold == 8_000


def test_nothing_secures_what_is_switched_off_or_has_no_threshold() -> None:
    off = Leg(reserve=reserve(1), supplied=10**6)
    worthless = Leg(reserve=reserve(2, ltv=0, threshold=0), supplied=10**6, is_collateral=True)
    assert account_of([off, worthless], None).total_collateral == 0


def test_an_emode_loosens_only_the_limits_of_its_own_assets() -> None:
    inside = Leg(reserve=reserve(1, emode=1), supplied=10**6, is_collateral=True)
    outside = Leg(reserve=reserve(2, emode=2), supplied=10**6, is_collateral=True)
    assert account_of([inside], STABLE).liquidation_threshold == 9_500
    assert account_of([inside, outside], STABLE).liquidation_threshold == 8_750
    assert account_of([inside], None).liquidation_threshold == 8_000


def test_an_asset_whose_own_ltv_is_zero_lends_nothing_in_an_emode_either() -> None:
    account = account_of(
        [Leg(reserve=reserve(1, ltv=0, emode=1), supplied=10**6, is_collateral=True)], STABLE
    )
    assert (account.ltv, account.liquidation_threshold) == (0, 9_500)


@given(positions())
def test_health_is_within_a_basis_point_of_the_exact_ratio(position: LendingPosition) -> None:
    account = position.account
    assume(account.health_factor is not None and account.total_debt)
    assert account.health_factor is not None
    exact = Fraction(account.total_collateral * account.liquidation_threshold, 10_000 * account.total_debt)
    assert abs(Fraction(account.health_factor.wad, WAD) - exact) <= Fraction(
        1, account.total_debt
    ) + Fraction(1, WAD)


@given(positions())
def test_without_debt_there_is_no_health_factor(position: LendingPosition) -> None:
    assert (position.health_factor is None) == (position.account.total_debt == 0)


@given(positions(), st.data())
def test_the_order_of_the_legs_does_not_matter(position: LendingPosition, data: st.DataObject) -> None:
    assert account_of(data.draw(st.permutations(position.legs)), position.emode) == position.account


@given(positions(), st.data())
def test_repaying_never_lowers_the_health_factor(position: LendingPosition, data: st.DataObject) -> None:
    owing = [index for index, leg in enumerate(position.legs) if leg.variable_debt]
    assume(owing)
    index = data.draw(st.sampled_from(owing))
    leg = position.legs[index]
    repaid = data.draw(st.integers(0, leg.variable_debt))
    after = list(position.legs)
    after[index] = replace(leg, variable_debt=leg.variable_debt - repaid)
    assert wad(account_of(after, position.emode).health_factor) >= wad(position.health_factor)


@given(positions(), legs(9), amounts)
def test_supplying_collateral_costs_at_most_what_one_basis_point_of_the_threshold_is_worth(
    position: LendingPosition, leg: Leg, added: int
) -> None:
    assume(position.account.total_debt and leg.reserve.liquidation_threshold)
    more = Leg(reserve=leg.reserve, supplied=added, is_collateral=True)
    after = account_of([*position.legs, more], position.emode).health_factor
    account = position.account
    floor = health_factor(
        account.total_collateral, max(account.liquidation_threshold - 1, 0), account.total_debt
    )
    assert wad(after) >= wad(floor)


@given(positions(), st.integers(9_500, 10_000), amounts)
def test_supplying_what_has_the_highest_threshold_never_lowers_the_health_factor(
    position: LendingPosition, threshold: int, added: int
) -> None:
    more = Leg(reserve=reserve(9, threshold=threshold), supplied=added, is_collateral=True)
    after = account_of([*position.legs, more], position.emode).health_factor
    assert wad(after) >= wad(position.health_factor)


def test_supplying_what_has_a_lower_threshold_can_lower_the_health_factor_a_little() -> None:
    whale = Leg(reserve=reserve(1, threshold=8_000), supplied=10**12, is_collateral=True)
    debt = Leg(reserve=reserve(2), variable_debt=5 * 10**11)
    dust = Leg(reserve=reserve(3, threshold=7_999), supplied=1, is_collateral=True)
    before, after = position_of(whale, debt), position_of(whale, debt, dust)
    assert before.account.liquidation_threshold == 8_000
    assert after.account.liquidation_threshold == 7_999
    assert wad(after.health_factor) < wad(before.health_factor)
