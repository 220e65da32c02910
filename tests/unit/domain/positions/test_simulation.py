from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.domain.positions.strategies import (
    ISOLATED,
    STABLE,
    asset,
    position_of,
    positions,
    reserve,
)

from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition
from domain.positions.simulation import Borrow, Deposit, PriceBecomes, Repay, Step, Withdraw, simulate
from domain.shared.errors import Invalid
from domain.shared.money import scaled

MARKET = {asset(number): reserve(number) for number in range(1, 6)}
HELD = position_of(
    Leg(reserve=reserve(1), supplied=100 * 10**6, is_collateral=True),
    Leg(reserve=reserve(2), variable_debt=30 * 10**6, stable_debt=20 * 10**6),
)
tokens = st.integers(0, 10**20).map(lambda units: scaled(units, 6))


@given(positions(), st.integers(1, 5), tokens)
def test_what_is_deposited_and_withdrawn_leaves_no_trace(
    position: LendingPosition, number: int, amount: Decimal
) -> None:
    steps: list[Step] = [Deposit(asset(number), amount), Withdraw(asset(number), amount)]
    backed = {leg.reserve.asset for leg in position.legs if leg.supplied}
    assume(asset(number) in backed or asset(number) not in {leg.reserve.asset for leg in position.legs})
    assert simulate(position, steps, MARKET) == position


@given(positions(), st.integers(1, 5), tokens)
def test_what_is_borrowed_and_repaid_leaves_no_trace(
    position: LendingPosition, number: int, amount: Decimal
) -> None:
    assume(all(not leg.stable_debt for leg in position.legs))
    steps: list[Step] = [Borrow(asset(number), amount), Repay(asset(number), amount)]
    assert simulate(position, steps, MARKET) == position


@given(positions())
def test_no_step_changes_nothing(position: LendingPosition) -> None:
    assert simulate(position, [], {}) == position


@given(st.integers(1, 10**14))
def test_a_price_counts_from_then_on(price: int) -> None:
    after = simulate(HELD, [PriceBecomes(asset(1), scaled(price, 8))], {})
    assert after.account.total_collateral == 100 * price
    assert after.account.total_debt == HELD.account.total_debt


def test_repaying_pays_the_variable_debt_first() -> None:
    after = simulate(HELD, [Repay(asset(2), Decimal(35))], {})
    assert [(leg.variable_debt, leg.stable_debt) for leg in after.debts()] == [(0, 15 * 10**6)]


def test_repaying_all_leaves_no_debt_and_no_health_factor() -> None:
    after = simulate(HELD, [Repay(asset(2), Decimal(50))], {})
    assert after.health_factor is None
    assert [leg.reserve.symbol for leg in after.legs] == ["T1"]


def test_a_first_supply_becomes_collateral_where_the_market_accepts_it() -> None:
    market = {asset(3): reserve(3), asset(4): reserve(4, ltv=0, threshold=0)}
    after = simulate(HELD, [Deposit(asset(3), Decimal(1)), Deposit(asset(4), Decimal(1))], market)
    assert {leg.reserve.symbol for leg in after.collaterals()} == {"T1", "T3"}


def test_an_emode_decides_whether_a_first_supply_becomes_collateral() -> None:
    market = {
        asset(3): reserve(3, ltv=0, emode=1),
        asset(4): reserve(4, emode=1, lends_in_emode=False),
        asset(5): reserve(5),
    }
    deposits = [Deposit(one, Decimal(1)) for one in market]
    for law, mode, symbols in (
        (Law.V3_2, STABLE, {"T4", "T5"}),
        (Law.V3_6, STABLE, {"T3", "T5"}),
        (Law.V3_7, ISOLATED, {"T3"}),
    ):
        after = simulate(position_of(emode=mode, law=law), deposits, market)
        assert {leg.reserve.symbol for leg in after.collaterals()} == symbols


@pytest.mark.parametrize(("law", "debt"), [(Law.V3_2, 0), (Law.V3_5, 1), (Law.V3_7, 1)])
def test_a_simulation_counts_by_the_law_of_its_position(law: Law, debt: int) -> None:
    dust = Borrow(asset(3), scaled(1, 18))
    after = simulate(position_of(law=law), [dust], {asset(3): reserve(3, decimals=18)})
    assert (after.law, after.account.total_debt) == (law, debt)


def test_more_of_a_supply_that_is_switched_off_secures_nothing_either() -> None:
    idle = position_of(Leg(reserve=reserve(1), supplied=10**6), Leg(reserve=reserve(2), variable_debt=1))
    after = simulate(idle, [Deposit(asset(1), Decimal(5))], {})
    assert list(after.collaterals()) == []
    assert after.account.total_collateral == 0


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Withdraw(asset(1), Decimal("100.000001")), r"Cannot withdraw more T1 than is supplied: 100\."),
        (Repay(asset(2), Decimal("50.000001")), r"Cannot repay more T2 than is owed: 50\."),
        (Withdraw(asset(3), Decimal(1)), r"Cannot withdraw more T3 than is supplied: 0\."),
        (Deposit(asset(99), Decimal(1)), r"The market has no reserve for 0x0+63\."),
        (Deposit(asset(1), Decimal("1e80")), r"1E\+80 is not an amount that a chain can hold\."),
        (Deposit(asset(1), Decimal("1e999999")), r"is not an amount"),
        (Borrow(asset(1), Decimal("NaN")), r"NaN is not an amount"),
        (Borrow(asset(1), Decimal("sNaN")), r"sNaN is not an amount"),
        (Repay(asset(2), Decimal("Infinity")), r"Infinity is not an amount"),
        (Deposit(asset(1), Decimal(-1)), r"-1 is not an amount"),
        (PriceBecomes(asset(1), Decimal("-0.01")), r"-0\.01 is not an amount"),
        (PriceBecomes(asset(1), Decimal("1e75")), r"is not an amount"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(step: Step, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        simulate(HELD, [step], MARKET)


@pytest.mark.parametrize(
    "amount", ["1e-999999", "0.0000009", "0", "0e50", "-0", "0." + "0" * 9 + "1" * 9_000]
)
def test_less_than_the_smallest_unit_is_nothing(amount: str) -> None:
    assert simulate(HELD, [Deposit(asset(1), Decimal(amount))], {}) == HELD


def test_digits_beyond_the_smallest_unit_are_dropped() -> None:
    after = simulate(HELD, [Deposit(asset(3), Decimal("1.2345678" + "9" * 9_000))], MARKET)
    assert after.legs[-1].supplied == 1_234_567
