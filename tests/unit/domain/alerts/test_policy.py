from dataclasses import replace

import pytest
from tests.examples import LATER, detected, raised, rules, subject

from domain.alerts.alert import Alert
from domain.alerts.policy import alert_for
from domain.identity.preferences import SignalType
from domain.shared.chain import ChainId

RULES = rules("ada")
LOW = detected(number=2)


def standing(type: SignalType, *, chain_id: ChainId | None = None) -> Alert:
    about = subject("ada") if chain_id is None else subject("ada", chain_id=chain_id)
    return replace(raised().state, type=type, subject=about)


def test_a_signal_rings_on_the_channels_of_its_rules() -> None:
    alert = alert_for(LOW, RULES, ())
    assert alert is not None
    assert (alert.signal_id, alert.user_id, alert.channels) == (LOW.signal_id, LOW.user_id, RULES.channels)
    assert (alert.severity, alert.data, alert.rule_version, alert.at) == (
        LOW.severity,
        LOW.data,
        LOW.rule_version,
        LOW.at,
    )


def test_the_same_signal_makes_the_same_alert() -> None:
    assert alert_for(LOW, RULES, ()) == alert_for(LOW, RULES, ())


def test_a_lesser_signal_of_the_same_danger_stays_silent() -> None:
    assert alert_for(LOW, RULES, [standing(SignalType.HEALTH_FACTOR_CRITICAL)]) is None


@pytest.mark.parametrize(
    "type", [SignalType.HEALTH_FACTOR_LOW, SignalType.PRICE_MOVE, SignalType.POSITION_LIQUIDATED]
)
def test_only_the_graver_signal_of_the_same_danger_silences(type: SignalType) -> None:
    assert alert_for(LOW, RULES, [standing(type)]) is not None


def test_the_graver_signal_always_rings() -> None:
    critical = detected(number=2, type=SignalType.HEALTH_FACTOR_CRITICAL)
    assert alert_for(critical, RULES, [standing(SignalType.HEALTH_FACTOR_LOW)]) is not None


def test_danger_elsewhere_silences_nothing() -> None:
    elsewhere = standing(SignalType.HEALTH_FACTOR_CRITICAL, chain_id=ChainId(10))
    assert alert_for(LOW, RULES, [elsewhere]) is not None


def test_the_alert_says_what_the_signal_says() -> None:
    alert = alert_for(replace(LOW, at=LATER), RULES, ())
    assert alert is not None
    assert alert.message.startswith("The health factor is 1.2345, below your 1.5.")
