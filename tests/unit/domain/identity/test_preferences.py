from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from tests.strategies import preferences

from domain.identity.preferences import AlertThresholds, Channel, Preferences, RiskProfile, SignalType
from domain.shared.errors import Invalid


@pytest.mark.parametrize("profile", RiskProfile)
def test_every_risk_profile_has_a_beginning(profile: RiskProfile) -> None:
    chosen = Preferences.of(profile)
    assert chosen.risk_profile is profile
    assert set(chosen.active_signals) == set(SignalType)
    assert chosen.notification_channels == (Channel.IN_APP,)


def test_who_is_more_careful_hears_sooner() -> None:
    lows = [Preferences.of(profile).alert_thresholds.health_factor_low for profile in RiskProfile]
    criticals = [Preferences.of(profile).alert_thresholds.health_factor_critical for profile in RiskProfile]
    moves = [Preferences.of(profile).alert_thresholds.price_move for profile in RiskProfile]
    assert lows == sorted(lows, reverse=True)
    assert criticals == sorted(criticals, reverse=True)
    assert moves == sorted(moves)


@pytest.mark.parametrize(
    ("low", "critical", "move", "margin"),
    [
        ("1.5", "1.5", "0.1", "0.02"),
        ("1.1", "1.5", "0.1", "0.02"),
        ("1.5", "0.9", "0.1", "0.02"),
        ("101", "1.1", "0.1", "0.02"),
        ("1.5", "1.1", "0", "0.02"),
        ("1.5", "1.1", "1.01", "0.02"),
        ("1.5", "1.1", "0.1", "-0.01"),
        ("1.5", "1.1", "0.1", "0.51"),
        ("NaN", "1.1", "0.1", "0.02"),
        ("Infinity", "1.1", "0.1", "0.02"),
        ("1.5", "1.1", "0.1", "0." + "0" * 24 + "1" + "0" * 24),
        ("1." + "1" * 24, "1.1", "0.1", "0.02"),
    ],
)
def test_thresholds_that_cannot_fire_or_always_ring_are_refused(
    low: str, critical: str, move: str, margin: str
) -> None:
    with pytest.raises(Invalid):
        AlertThresholds(
            health_factor_low=Decimal(low),
            health_factor_critical=Decimal(critical),
            price_move=Decimal(move),
            clear_margin=Decimal(margin),
        )


@given(chosen=preferences)
def test_the_critical_threshold_is_the_lower_one(chosen: Preferences) -> None:
    thresholds = chosen.alert_thresholds
    assert 1 <= thresholds.health_factor_critical < thresholds.health_factor_low


def test_a_list_names_nothing_twice() -> None:
    chosen = Preferences.of(RiskProfile.MODERATE)
    with pytest.raises(Invalid):
        Preferences(
            risk_profile=chosen.risk_profile,
            alert_thresholds=chosen.alert_thresholds,
            active_signals=(SignalType.PRICE_MOVE, SignalType.PRICE_MOVE),
            notification_channels=chosen.notification_channels,
        )


def test_alerts_that_would_reach_nobody_are_refused() -> None:
    with pytest.raises(Invalid, match="at least one channel"):
        replace(Preferences.of(RiskProfile.MODERATE), notification_channels=())
