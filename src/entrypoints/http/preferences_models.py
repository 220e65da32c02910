from decimal import Decimal

from domain.identity.preferences import AlertThresholds, Channel, Preferences, RiskProfile, SignalType
from domain.shared.money import plain
from entrypoints.http.frame.fields import Amount, Number
from entrypoints.http.frame.models import Body, View


class ThresholdsBody(Body):
    """Where to be told; health factors as numbers, moves and margins as shares (0.1 is ten per cent)."""

    health_factor_low: Amount
    health_factor_critical: Amount
    price_move: Amount
    clear_margin: Amount = Decimal("0.02")


class PreferencesBody(Body):
    """What to be told, when and how; replaces all that was said before."""

    risk_profile: RiskProfile
    alert_thresholds: ThresholdsBody
    active_signals: tuple[SignalType, ...]
    notification_channels: tuple[Channel, ...]

    def preferences(self) -> Preferences:
        """Return what was said, or raise Invalid."""
        return Preferences(
            risk_profile=self.risk_profile,
            alert_thresholds=AlertThresholds(**self.alert_thresholds.model_dump()),
            active_signals=self.active_signals,
            notification_channels=self.notification_channels,
        )


class ThresholdsView(View):
    """Where the user is told."""

    health_factor_low: Number
    health_factor_critical: Number
    price_move: Number
    clear_margin: Number


class PreferencesView(View):
    """What the user is told, when and how."""

    risk_profile: RiskProfile
    alert_thresholds: ThresholdsView
    active_signals: tuple[SignalType, ...]
    notification_channels: tuple[Channel, ...]

    @staticmethod
    def of(preferences: Preferences) -> "PreferencesView":
        """Show preferences."""
        thresholds = preferences.alert_thresholds
        return PreferencesView(
            risk_profile=preferences.risk_profile,
            alert_thresholds=ThresholdsView(
                health_factor_low=plain(thresholds.health_factor_low),
                health_factor_critical=plain(thresholds.health_factor_critical),
                price_move=plain(thresholds.price_move),
                clear_margin=plain(thresholds.clear_margin),
            ),
            active_signals=preferences.active_signals,
            notification_channels=preferences.notification_channels,
        )
