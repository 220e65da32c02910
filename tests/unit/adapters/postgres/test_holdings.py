import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import position, reserve
from tests.strategies import positions, uint256s

from adapters.postgres.holdings import _decimal, collateral_of, debt_of, health_factor_of, metadata_of
from domain.positions.position import Leg, LendingPosition
from domain.shared.money import plain, scaled


@given(amount=uint256s, decimals=st.integers(0, 255))
def test_amounts_are_written_as_the_domain_writes_them(amount: int, decimals: int) -> None:
    assert _decimal(amount, decimals) == plain(scaled(amount, decimals))


def test_holdings_are_symbol_amount_and_value() -> None:
    seen = position(debt=1_500_000_000)
    assert json.loads(collateral_of(seen)) == [
        {"symbol": "WETH", "asset": reserve("WETH").asset, "amount": "1", "valueUSD": "2000"}
    ]
    [owed] = json.loads(debt_of(seen))
    assert (owed["symbol"], owed["amount"], owed["valueUSD"]) == ("USDC", "1500", "1500")
    totals = json.loads(metadata_of(seen))
    assert (totals["ltv"], totals["liquidationThreshold"]) == ("0.8", "0.825")
    assert health_factor_of(seen) == "1.1"
    assert health_factor_of(position(debt=0)) is None


@given(seen=positions)
def test_no_holding_is_too_odd_to_store(seen: LendingPosition) -> None:
    for column in (collateral_of(seen), debt_of(seen), metadata_of(seen)):
        assert "\\u0000" not in column
        json.loads(column)


@pytest.mark.parametrize("symbol", ["A\x00B", "\\u0000", "\\\x00", "\\\\u0000"])
def test_a_symbol_with_a_zero_stays_json(symbol: str) -> None:
    leg = Leg(reserve=reserve(symbol), supplied=1, is_collateral=True)
    [held] = json.loads(collateral_of(replace(position(), legs=(leg,))))
    assert held["symbol"] == symbol.replace("\x00", "")
