from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.positions.health import WAD, HealthFactor
from domain.shared.money import plain, scaled


@given(st.integers(0, 2**256 - 1), st.integers(0, 77))
def test_an_amount_keeps_all_its_seventy_eight_digits(amount: int, decimals: int) -> None:
    value = scaled(amount, decimals)
    assert (
        int(plain(value).replace(".", "") + "0" * (decimals - len(plain(value).partition(".")[2]))) == amount
    )


@given(st.integers(-(2**256), 2**256))
def test_a_negative_amount_keeps_its_sign(amount: int) -> None:
    assert scaled(amount, 0) == Decimal(amount)
    assert scaled(-amount, 18) == scaled(amount, 18).copy_negate()


@pytest.mark.parametrize(
    ("wad", "text"),
    [
        (WAD, "1.0000"),
        (WAD - 1, "0.9999"),
        (10 * WAD + 99 * 10**12, "10.0000"),
        (1_234_599_999_999_999_999, "1.2345"),
        (0, "0.0000"),
    ],
)
def test_a_sentence_never_claims_more_safety_than_there_is(wad: int, text: str) -> None:
    assert str(HealthFactor(wad)) == text


@given(st.integers(0, 2**256 - 1))
def test_below_one_and_only_there_anybody_may_liquidate(wad: int) -> None:
    assert HealthFactor(wad).liquidatable == (wad < WAD)
    assert HealthFactor(wad).liquidatable == (HealthFactor(wad).value < 1)
