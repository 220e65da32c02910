from dataclasses import dataclass

from domain.identity.preferences import AlertThresholds, Channel, Preferences, SignalType
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one user wants to hear of, frozen as it stood at one version of the user; a change makes a new version."""

    user_id: UserId
    version: int
    thresholds: AlertThresholds
    active: tuple[SignalType, ...]
    channels: tuple[Channel, ...]

    @staticmethod
    def of(user_id: UserId, preferences: Preferences, version: int) -> "Rules":
        """Return the rules that follow from a user's preferences."""
        return Rules(
            user_id=user_id,
            version=version,
            thresholds=preferences.alert_thresholds,
            active=preferences.active_signals,
            channels=preferences.notification_channels,
        )
