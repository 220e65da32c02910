from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.domain.positions.strategies import (
    ISOLATED,
    STABLE,
    amounts,
    legs,
    position_of,
    positions,
    reserve,
)

from domain.positions.aave_v3 import account_of, counts_as_collateral, health_factor, limits_of
from domain.positions.health import WAD, HealthFactor
from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition


def wad(of: HealthFactor | None) -> int:
    """Give no debt the rank that it has: above every health factor."""
    return 2**10_000 if of is None else of.wad


@pytest.mark.parametrize("law", Law)
def test_a_known_position_has_its_known_health(law: Law) -> None:
    ether = Leg(
        reserve=reserve(price=2_500 * 10**8, decimals=18, ltv=8_000, threshold=8_250),
        supplied=2 * 10**18,
        is_collateral=True,
    )
    dollars = Leg(reserve=reserve(2), variable_debt=2_000 * 10**6, stable_debt=500 * 10**6)
    account = account_of([ether, dollars], None, law)
    assert account.total_collateral == 5_000 * 10**8
    assert account.total_debt == 2_500 * 10**8
    assert (account.ltv, account.liquidation_threshold) == (8_000, 8_250)
    assert account.health_factor == HealthFactor(165 * WAD // 100)


def test_the_quotient_rounds_half_up_and_the_average_down() -> None:
    assert health_factor(10_000, 10_000, 3, Law.V3_0) == HealthFactor(333_333_333_333_333_333)
    assert health_factor(20_000, 20_000, 3, Law.V3_0) == HealthFactor(666_666_666_666_666_667)
    assert health_factor(1, 5_000, 1, Law.V3_0) == HealthFactor(WAD)
    assert health_factor(1, 4_999, 1, Law.V3_0) == HealthFactor(0)
    low, high = (
        Leg(reserve=reserve(number, threshold=threshold), supplied=10**6, is_collateral=True)
        for number, threshold in ((1, 8_000), (2, 8_001))
    )
    assert account_of([low, high], None, Law.V3_0).liquidation_threshold == 8_000


def test_nothing_secures_what_is_switched_off_or_has_no_threshold() -> None:
    off = Leg(reserve=reserve(1), supplied=10**6)
    worthless = Leg(reserve=reserve(2, ltv=0, threshold=0), supplied=10**6, is_collateral=True)
    assert account_of([off, worthless], None, Law.V3_0).total_collateral == 0


@pytest.mark.parametrize("law", Law)
def test_an_emode_loosens_only_the_limits_of_its_own_assets(law: Law) -> None:
    inside = Leg(reserve=reserve(1, emode=1), supplied=10**6, is_collateral=True)
    outside = Leg(reserve=reserve(2, emode=2), supplied=10**6, is_collateral=True)
    assert account_of([inside], STABLE, law).liquidation_threshold == 9_500
    assert account_of([inside, outside], STABLE, law).liquidation_threshold == 8_750
    assert account_of([inside], None, law).liquidation_threshold == 8_000


@pytest.mark.parametrize(
    ("law", "ltv"), [(Law.V3_0, 0), (Law.V3_2, 0), (Law.V3_5, 0), (Law.V3_6, 9_300), (Law.V3_7, 9_300)]
)
def test_until_v3_6_an_asset_whose_own_ltv_is_zero_lends_nothing_in_an_emode_either(
    law: Law, ltv: int
) -> None:
    barren = Leg(reserve=reserve(1, ltv=0, emode=1), supplied=10**6, is_collateral=True)
    account = account_of([barren], STABLE, law)
    assert (account.ltv, account.liquidation_threshold) == (ltv, 9_500)


@pytest.mark.parametrize(
    ("law", "ltv"), [(Law.V3_0, 9_300), (Law.V3_2, 9_300), (Law.V3_5, 9_300), (Law.V3_6, 0), (Law.V3_7, 0)]
)
def test_since_v3_6_the_emode_says_what_lends_nothing_in_it(law: Law, ltv: int) -> None:
    named = Leg(reserve=reserve(1, emode=1, lends_in_emode=False), supplied=10**6, is_collateral=True)
    account = account_of([named], STABLE, law)
    assert (account.ltv, account.liquidation_threshold) == (ltv, 9_500)
    assert account_of([named], None, law).ltv == 7_500


def test_in_an_isolated_emode_other_assets_secure_debts_but_lend_nothing() -> None:
    inside = Leg(reserve=reserve(1, emode=1), supplied=10**6, is_collateral=True)
    outside = Leg(reserve=reserve(2), supplied=10**6, is_collateral=True)
    account = account_of([inside, outside], ISOLATED, Law.V3_7)
    assert (account.ltv, account.liquidation_threshold) == (4_650, 8_750)


@pytest.mark.parametrize(
    ("law", "worth"), [(Law.V3_0, 0), (Law.V3_2, 0), (Law.V3_5, 0), (Law.V3_6, 10**8), (Law.V3_7, 10**8)]
)
def test_since_v3_6_collateral_without_a_threshold_counts_but_secures_nothing(law: Law, worth: int) -> None:
    worthless = Leg(reserve=reserve(1, ltv=0, threshold=0), supplied=10**6, is_collateral=True)
    owed = Leg(reserve=reserve(2), variable_debt=1)
    account = account_of([worthless, owed], None, law)
    assert account.total_collateral == worth
    assert account.health_factor == HealthFactor(0)


@pytest.mark.parametrize(("law", "debt"), [(Law.V3_0, 0), (Law.V3_2, 0), (Law.V3_5, 1), (Law.V3_7, 1)])
def test_since_v3_5_a_debt_of_dust_is_a_debt(law: Law, debt: int) -> None:
    assert account_of([Leg(reserve=reserve(decimals=18), variable_debt=1)], None, law).total_debt == debt


def test_since_v3_5_health_is_divided_once_and_the_hundred_percent_last() -> None:
    low, high = (
        Leg(reserve=reserve(number, threshold=threshold), supplied=10**6, is_collateral=True)
        for number, threshold in ((1, 8_000), (2, 8_001))
    )
    owed = Leg(reserve=reserve(3), variable_debt=10**6)
    before, since = (account_of([low, high, owed], None, law) for law in (Law.V3_2, Law.V3_5))
    assert before.liquidation_threshold == since.liquidation_threshold == 8_000
    assert before.health_factor == HealthFactor(16 * WAD // 10)
    assert since.health_factor == HealthFactor(16_001 * WAD // 10_000)
    assert health_factor(2, 20_000, 3, Law.V3_5) == HealthFactor(666_666_666_666_666_666)


def test_every_revision_up_to_3_7_has_its_law_and_no_other_has_one() -> None:
    laws = [Law.of(revision) for revision in range(1, 12)]
    assert laws == [*[Law.V3_0] * 4, *[Law.V3_2] * 4, Law.V3_5, Law.V3_6, Law.V3_7]
    assert [Law.of(revision) for revision in (0, 12, 120)] == [None] * 3


@given(positions())
def test_until_v3_5_health_is_within_a_basis_point_of_the_exact_ratio(position: LendingPosition) -> None:
    account = position.account
    assume(account.health_factor is not None and not position.law.divides_once)
    assert account.health_factor is not None
    exact = Fraction(account.total_collateral * account.liquidation_threshold, 10_000 * account.total_debt)
    assert abs(Fraction(account.health_factor.wad, WAD) - exact) <= Fraction(
        1, account.total_debt
    ) + Fraction(1, WAD)


@given(positions())
def test_since_v3_5_health_is_the_exact_ratio_but_for_its_last_digit(position: LendingPosition) -> None:
    account, law = position.account, position.law
    assume(account.health_factor is not None and law.divides_once)
    assert account.health_factor is not None
    weighted = sum(
        leg.supplied
        * leg.reserve.price
        // 10**leg.reserve.decimals
        * limits_of(leg.reserve, position.emode, law)[1]
        for leg in position.collaterals()
        if counts_as_collateral(leg, law)
    )
    exact = Fraction(weighted, 10_000 * account.total_debt)
    assert abs(Fraction(account.health_factor.wad, WAD) - exact) < Fraction(1, WAD)


@given(positions())
def test_without_debt_there_is_no_health_factor(position: LendingPosition) -> None:
    assert (position.health_factor is None) == (position.account.total_debt == 0)


@given(positions(), st.data())
def test_the_order_of_the_legs_does_not_matter(position: LendingPosition, data: st.DataObject) -> None:
    assert (
        account_of(data.draw(st.permutations(position.legs)), position.emode, position.law)
        == position.account
    )


@given(positions(), st.data())
def test_repaying_never_lowers_the_health_factor(position: LendingPosition, data: st.DataObject) -> None:
    owing = [index for index, leg in enumerate(position.legs) if leg.variable_debt]
    assume(owing)
    index = data.draw(st.sampled_from(owing))
    leg = position.legs[index]
    repaid = data.draw(st.integers(0, leg.variable_debt))
    after = list(position.legs)
    after[index] = replace(leg, variable_debt=leg.variable_debt - repaid)
    assert wad(account_of(after, position.emode, position.law).health_factor) >= wad(position.health_factor)


@given(positions(), legs(9), amounts)
def test_supplying_collateral_costs_at_most_what_one_basis_point_of_the_threshold_is_worth(
    position: LendingPosition, leg: Leg, added: int
) -> None:
    assume(position.account.total_debt and leg.reserve.liquidation_threshold)
    more = Leg(reserve=leg.reserve, supplied=added, is_collateral=True)
    after = account_of([*position.legs, more], position.emode, position.law).health_factor
    account = position.account
    weighted = account.total_collateral * max(account.liquidation_threshold - 1, 0)
    floor = health_factor(account.total_collateral, weighted, account.total_debt, position.law)
    assert wad(after) >= wad(floor)


@given(positions(), legs(9), amounts)
def test_since_v3_5_supplying_collateral_never_lowers_the_health_factor(
    position: LendingPosition, leg: Leg, added: int
) -> None:
    assume(position.law.divides_once)
    more = Leg(reserve=leg.reserve, supplied=added, is_collateral=True)
    after = account_of([*position.legs, more], position.emode, position.law).health_factor
    assert wad(after) >= wad(position.health_factor)


@given(positions(), st.integers(9_500, 10_000), amounts)
def test_supplying_what_has_the_highest_threshold_never_lowers_the_health_factor(
    position: LendingPosition, threshold: int, added: int
) -> None:
    more = Leg(reserve=reserve(9, threshold=threshold), supplied=added, is_collateral=True)
    after = account_of([*position.legs, more], position.emode, position.law).health_factor
    assert wad(after) >= wad(position.health_factor)


def test_supplying_what_has_a_lower_threshold_can_lower_the_health_factor_a_little() -> None:
    whale = Leg(reserve=reserve(1, threshold=8_000), supplied=10**12, is_collateral=True)
    debt = Leg(reserve=reserve(2), variable_debt=5 * 10**11)
    dust = Leg(reserve=reserve(3, threshold=7_999), supplied=1, is_collateral=True)
    before, after = position_of(whale, debt), position_of(whale, debt, dust)
    assert before.account.liquidation_threshold == 8_000
    assert after.account.liquidation_threshold == 7_999
    assert wad(after.health_factor) < wad(before.health_factor)
