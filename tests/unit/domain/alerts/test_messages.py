import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import LATER, detected, subject, user_id

from domain.alerts.messages import alarm, all_clear
from domain.identity.preferences import SignalType
from domain.positions.health import HealthFactor
from domain.signals.events import SignalCleared

BLOCK = {"block_number": "19000000", "block_hash": "0x" + "ab" * 32}
wads = st.integers(0, 2**256 - 1)


def found(type: SignalType, data: Mapping[str, str]) -> str:
    return alarm(replace(detected(type=type), data={**BLOCK, **data}))


def cleared(data: Mapping[str, str]) -> str:
    fact = SignalCleared(
        signal_id=detected().signal_id, user_id=user_id("ada"), data={**BLOCK, **data}, source="x@1", at=LATER
    )
    return all_clear(SignalType.HEALTH_FACTOR_LOW, subject(), fact)


def told(sentence: str) -> Fraction:
    match = re.search(r"health factor is (\d+\.\d+)", sentence)
    assert match is not None, sentence
    return Fraction(match[1])


@given(wad=wads, type=st.sampled_from([SignalType.HEALTH_FACTOR_LOW, SignalType.HEALTH_FACTOR_CRITICAL]))
def test_a_message_never_overstates_the_health_factor(wad: int, type: SignalType) -> None:
    health = HealthFactor(wad)
    sentence = found(type, {"health_factor": str(health.value), "threshold": "1.5"})
    assert 0 <= Fraction(wad, 10**18) - told(sentence) < Fraction(1, 10**4)
    assert f"health factor is {health}" in sentence


@given(wad=wads)
def test_an_all_clear_never_overstates_the_health_factor(wad: int) -> None:
    health = HealthFactor(wad)
    sentence = cleared({"health_factor": str(health.value), "threshold": "1.5"})
    assert told(sentence) <= Fraction(wad, 10**18)


def test_a_health_factor_just_below_one_does_not_read_as_one() -> None:
    data = {"health_factor": str(HealthFactor(10**18 - 1).value), "threshold": "1.15"}
    assert "health factor is 0.9999," in found(SignalType.HEALTH_FACTOR_CRITICAL, data)


def test_an_alarm_names_wallet_chain_and_block() -> None:
    sentence = found(SignalType.HEALTH_FACTOR_LOW, {"health_factor": "1.4", "threshold": "1.5"})
    assert sentence == (
        "The health factor is 1.4000, below your 1.5. "
        "Wallet 0xfdee…f909 on Aave v3 (chain 1), block 19000000 (0xabababab…)."
    )


def test_a_critical_alarm_says_what_to_do() -> None:
    sentence = found(SignalType.HEALTH_FACTOR_CRITICAL, {"health_factor": "1.1", "threshold": "1.15"})
    assert sentence.startswith("Critical: ")
    assert "repay debt or add collateral now" in sentence


@pytest.mark.parametrize(
    ("move", "expected"),
    [("0.1", "+10.0 %"), ("-0.1234", "-12.3 %"), ("-1", "-100.0 %"), ("12.5", "+1250.0 %")],
)
def test_a_price_move_has_its_sign(move: str, expected: str) -> None:
    sentence = found(SignalType.PRICE_MOVE, {"move": move, "price": "1800", "price_before": "2000"})
    assert f"WETH moved by {expected} to 1800 USD, from 2000 USD." in sentence


def test_a_liquidation_names_what_was_lost_and_where_to_look() -> None:
    data = {
        "collateral_seized": "0.5",
        "collateral_asset": "WETH",
        "debt_covered": "1000",
        "debt_asset": "USDC",
        "transaction_hash": "0x08",
    }
    sentence = found(SignalType.POSITION_LIQUIDATED, data)
    assert "0.5 WETH of collateral were seized for 1000 USDC of debt, in transaction 0x08" in sentence


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (
            {"health_factor": "1.6", "threshold": "1.5"},
            "All clear: the health factor is 1.6000, back above your 1.5.",
        ),
        ({"health_factor": "none", "threshold": "1.5"}, "All clear: nothing is owed any more."),
        (
            {"health_factor": "1.2", "threshold": "1.5", "reason": "switched_off"},
            "You no longer ask to be told of health factor low.",
        ),
        (
            {"health_factor": "none", "reason": "the wallet is no longer watched"},
            "All clear: the wallet is no longer watched.",
        ),
    ],
)
def test_an_all_clear_says_why(data: dict[str, str], begins: str) -> None:
    assert cleared(data).startswith(begins)


def test_a_fact_without_a_block_names_none() -> None:
    fact = SignalCleared(
        signal_id=detected().signal_id,
        user_id=user_id("ada"),
        data={"health_factor": "none", "reason": "the wallet is no longer watched"},
        source="x@1",
        at=LATER,
    )
    assert "block" not in all_clear(SignalType.HEALTH_FACTOR_LOW, subject(), fact)


@pytest.mark.parametrize("wad", [0, 1, 10**11])
def test_a_health_factor_next_to_nothing_reads_as_nothing(wad: int) -> None:
    data = {"health_factor": str(HealthFactor(wad).value), "threshold": "1.15"}
    assert "health factor is 0.0000, below" in found(SignalType.HEALTH_FACTOR_CRITICAL, data)
