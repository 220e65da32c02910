from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.domain.positions.strategies import asset, healthy_positions, position_of, positions, reserve

from domain.positions.aave_v3 import account_of
from domain.positions.law import Law
from domain.positions.liquidation import LiquidationPrice, Side, liquidation_prices
from domain.positions.position import Leg, LendingPosition
from domain.shared.chain import Address


def liquidatable(position: LendingPosition, asset: Address, price: int) -> bool:
    legs = [
        replace(leg, reserve=replace(leg.reserve, price=price)) if leg.reserve.asset == asset else leg
        for leg in position.legs
    ]
    health = account_of(legs, position.emode, position.law).health_factor
    return health is not None and health.liquidatable


def today(position: LendingPosition) -> Mapping[Address, int]:
    return {leg.reserve.asset: leg.reserve.price for leg in position.legs}


def nearer(found: LiquidationPrice) -> int:
    return found.price + (1 if found.side is Side.FALLS_TO else -1)


@given(st.one_of(positions(), healthy_positions()))
def test_at_the_price_the_contract_says_liquidatable_and_one_unit_nearer_it_does_not(
    position: LendingPosition,
) -> None:
    for found in liquidation_prices(position):
        assert liquidatable(position, found.asset, found.price)
        assert not liquidatable(position, found.asset, nearer(found))
        assert (found.price < today(position)[found.asset]) == (found.side is Side.FALLS_TO)


@given(healthy_positions(most_price=400))
@settings(deadline=None)
def test_no_price_nearer_to_todays_is_liquidatable(position: LendingPosition) -> None:
    found = {one.asset: one.price for one in liquidation_prices(position) if one.side is Side.FALLS_TO}
    health = position.health_factor
    assume(health is not None and not health.liquidatable)
    for leg in position.collaterals():
        bad = [
            price for price in range(leg.reserve.price) if liquidatable(position, leg.reserve.asset, price)
        ]
        assert found.get(leg.reserve.asset) == (max(bad) if bad else None)


@given(st.one_of(positions(), healthy_positions()))
def test_an_asset_has_none_only_if_no_extreme_of_its_price_is_dangerous(position: LendingPosition) -> None:
    health = position.health_factor
    assume(health is not None and not health.liquidatable)
    found = {one.asset for one in liquidation_prices(position)}
    for held, price in today(position).items():
        if held not in found:
            assert not liquidatable(position, held, 0)
            assert not liquidatable(position, held, price * 2**20)


def test_a_falling_price_that_lifts_the_average_threshold_hides_no_nearer_line() -> None:
    """The average is floored to a basis point: the position breaks at 158, and heals and breaks again down to 140."""
    low = Leg(reserve=reserve(1, price=206, decimals=0, threshold=77), supplied=489, is_collateral=True)
    high = Leg(reserve=reserve(2, price=989_089, decimals=0, threshold=8_359), supplied=1, is_collateral=True)
    debt = Leg(reserve=reserve(3, price=1, decimals=0), variable_debt=827_280)
    position = position_of(low, high, debt)
    assert [one.price for one in liquidation_prices(position) if one.asset == asset(1)] == [158]
    assert not liquidatable(position, asset(1), 141)
    assert liquidatable(position, asset(1), 140)


@pytest.mark.parametrize(
    ("law", "price"), [(Law.V3_0, 1_249), (Law.V3_2, 1_249), (Law.V3_5, 1_251), (Law.V3_7, 1_251)]
)
def test_since_v3_5_the_line_is_that_of_the_debt_rounded_up(law: Law, price: int) -> None:
    ether = Leg(reserve=reserve(1, price=2_000, decimals=0, threshold=8_000), supplied=1, is_collateral=True)
    debt = Leg(reserve=reserve(3, price=1, decimals=1), variable_debt=10_001)
    lines = {one.symbol: one.price for one in liquidation_prices(position_of(ether, debt, law=law))}
    assert lines["T1"] == price


def test_where_health_is_divided_once_a_falling_price_never_heals() -> None:
    low = Leg(reserve=reserve(1, price=206, decimals=0, threshold=77), supplied=489, is_collateral=True)
    high = Leg(reserve=reserve(2, price=989_089, decimals=0, threshold=8_359), supplied=1, is_collateral=True)
    debt = Leg(reserve=reserve(3, price=1, decimals=0), variable_debt=827_280)
    position = position_of(low, high, debt, law=Law.V3_6)
    [line] = [one.price for one in liquidation_prices(position) if one.asset == asset(1)]
    assert all(liquidatable(position, asset(1), price) == (price <= line) for price in range(206))


def test_each_of_several_collaterals_has_its_own_price_unless_the_rest_suffices() -> None:
    ether = Leg(reserve=reserve(1, price=2_000 * 10**8, threshold=8_000), supplied=10**6, is_collateral=True)
    dust = Leg(reserve=reserve(2, price=10**8, threshold=8_000), supplied=10**6, is_collateral=True)
    debt = Leg(reserve=reserve(3, price=10**8), variable_debt=1_000 * 10**6)
    prices = {one.symbol: one for one in liquidation_prices(position_of(ether, dust, debt))}
    assert set(prices) == {"T1", "T3"}
    assert prices["T1"].side is Side.FALLS_TO
    assert prices["T1"].price == 1_249 * 10**8 - 1
    assert prices["T3"].side is Side.RISES_TO
    assert prices["T3"].price == 160_080_001


def test_an_asset_that_is_both_collateral_and_debt_counts_for_both() -> None:
    both = reserve(1, price=1_000 * 10**8, threshold=8_000)
    stable = reserve(2, price=10**8, threshold=8_000)
    long = position_of(
        Leg(reserve=both, supplied=10 * 10**6, is_collateral=True, variable_debt=2 * 10**6),
        Leg(reserve=stable, variable_debt=3_000 * 10**6),
    )
    short = position_of(
        Leg(reserve=both, supplied=10**6, is_collateral=True, variable_debt=2 * 10**6),
        Leg(reserve=stable, supplied=3_000 * 10**6, is_collateral=True),
    )
    assert [one.side for one in liquidation_prices(long) if one.symbol == "T1"] == [Side.FALLS_TO]
    assert [one.side for one in liquidation_prices(short) if one.symbol == "T1"] == [Side.RISES_TO]


def test_without_debt_or_already_under_water_there_is_no_price_to_wait_for() -> None:
    collateral = Leg(reserve=reserve(1), supplied=10**6, is_collateral=True)
    assert liquidation_prices(position_of(collateral)) == ()
    assert liquidation_prices(position_of(collateral, Leg(reserve=reserve(2), variable_debt=10**6))) == ()
