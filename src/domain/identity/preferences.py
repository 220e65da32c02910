from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.shared.errors import Invalid


class RiskProfile(StrEnum):
    """How near the line a user is willing to sail."""

    CONSERVATIVE = "conservative"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


class SignalType(StrEnum):
    """The conditions that Plimsoll can find true of a position."""

    HEALTH_FACTOR_LOW = "health_factor_low"
    HEALTH_FACTOR_CRITICAL = "health_factor_critical"
    POSITION_LIQUIDATED = "position_liquidated"
    PRICE_MOVE = "price_move"


class Channel(StrEnum):
    """A way to reach a user."""

    IN_APP = "in_app"
    TELEGRAM = "telegram"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertThresholds:
    """Where a user wants to be told.

    A health factor below `health_factor_low` or `health_factor_critical` rings, and is over only when it has risen
    above the threshold by the share `clear_margin` (hysteresis). `price_move` is the share by which the price of an
    asset in the position must move within a day.
    """

    health_factor_low: Decimal
    health_factor_critical: Decimal
    price_move: Decimal
    clear_margin: Decimal = Decimal("0.02")

    def __post_init__(self) -> None:
        """Refuse thresholds that cannot fire, or that ring all the time."""
        numbers = (self.health_factor_low, self.health_factor_critical, self.price_move, self.clear_margin)
        if not all(number.is_finite() and len(number.as_tuple().digits) <= 24 for number in numbers):
            raise Invalid("A threshold has to be a number of at most 24 digits.")
        if not 1 <= self.health_factor_critical < self.health_factor_low <= 100:
            raise Invalid("The health factor thresholds have to satisfy 1 ≤ critical < low ≤ 100.")
        if not Decimal("0.005") <= self.price_move <= 1:
            raise Invalid("A price move is a share from 0.005 (half a per cent) to 1.")
        if not 0 <= self.clear_margin <= Decimal("0.5"):
            raise Invalid("The margin for the all-clear is a share from 0 to 0.5.")


_DEFAULTS = {
    RiskProfile.CONSERVATIVE: ("2", "1.3", "0.05"),
    RiskProfile.MODERATE: ("1.5", "1.15", "0.1"),
    RiskProfile.AGGRESSIVE: ("1.25", "1.05", "0.2"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a user wants to hear of, when, and how."""

    risk_profile: RiskProfile
    alert_thresholds: AlertThresholds
    active_signals: tuple[SignalType, ...]
    notification_channels: tuple[Channel, ...]

    def __post_init__(self) -> None:
        """Refuse a list that names a thing twice, and alerts that would reach nobody."""
        for named in (self.active_signals, self.notification_channels):
            if len(set(named)) != len(named):
                raise Invalid("A signal or channel is named twice.")
        if not self.notification_channels:
            raise Invalid(
                "Name at least one channel; in_app alone keeps alerts where only the app shows them."
            )

    @staticmethod
    def of(profile: RiskProfile) -> "Preferences":
        """Return what a user of this risk profile starts with: every signal on, told in the app."""
        low, critical, move = (Decimal(text) for text in _DEFAULTS[profile])
        return Preferences(
            risk_profile=profile,
            alert_thresholds=AlertThresholds(
                health_factor_low=low, health_factor_critical=critical, price_move=move
            ),
            active_signals=tuple(SignalType),
            notification_channels=(Channel.IN_APP,),
        )
