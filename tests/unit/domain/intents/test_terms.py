from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import CHAIN, wallet

from domain.intents.terms import Action, ActionKind, Condition, Limits
from domain.shared.errors import Invalid

NONSENSE = ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-1"]
OUT_OF_ALL_BOUNDS = ["1E+60", "1E+999999", "1E-19", "1E-999999", "1." + "0" * 19]


@pytest.mark.parametrize("number", [*NONSENSE, "1", "0.999", "100.1", "1." + "1" * 24, "1E+9999"])
def test_a_condition_that_is_always_true_or_too_late_is_refused(number: str) -> None:
    with pytest.raises(Invalid):
        Condition(wallet=wallet("ada"), chain_id=CHAIN, health_factor_below=Decimal(number))


@pytest.mark.parametrize("amount", [*NONSENSE, *OUT_OF_ALL_BOUNDS])
def test_an_amount_that_no_chain_can_hold_is_refused(amount: str) -> None:
    with pytest.raises(Invalid):
        Action(kind=ActionKind.REPAY, asset=wallet("asset USDC"), amount=Decimal(amount))


@pytest.mark.parametrize("total", [*NONSENSE, *OUT_OF_ALL_BOUNDS])
def test_a_total_that_no_chain_can_hold_is_refused(total: str) -> None:
    with pytest.raises(Invalid):
        Limits(total=Decimal(total), times=1, pause=timedelta(0))


@pytest.mark.parametrize(
    ("times", "pause"),
    [(0, timedelta(0)), (1001, timedelta(0)), (1, timedelta(seconds=-1)), (1, timedelta(days=30, seconds=1))],
)
def test_limits_that_allow_nothing_or_anything_are_refused(times: int, pause: timedelta) -> None:
    with pytest.raises(Invalid):
        Limits(total=Decimal(1), times=times, pause=pause)


@given(units=st.integers(1, 10**78 - 1))
def test_every_amount_of_a_chain_is_an_amount(units: int) -> None:
    amount = Decimal(units).scaleb(-18) if units < 10**28 else Decimal(f"{units}E-18")
    assert Action(kind=ActionKind.SUPPLY, asset=wallet("x"), amount=amount).amount == amount
    assert Limits(total=amount, times=1, pause=timedelta(0)).total == amount
