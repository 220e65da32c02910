from collections.abc import Mapping
from typing import Final

from domain.alerts.events import (
    AlertAcknowledged,
    AlertFailed,
    AlertRaised,
    AlertResolved,
    AlertSent,
    DeliveryFailed,
    DeliveryPlanned,
    DeliverySucceeded,
    DeliveryUnconfirmed,
    DeliveryWithdrawn,
)
from domain.identity.events import (
    EmailRemoved,
    EmailVerified,
    PreferencesChanged,
    TelegramLinked,
    TelegramUnlinked,
    UserDeleted,
    UserRegistered,
    WalletLinked,
    WalletUnlinked,
)
from domain.intents.events import (
    IntentArmed,
    IntentCancelled,
    IntentExpired,
    IntentFailed,
    IntentProposed,
    IntentSettled,
    IntentSubmitted,
    IntentTriggered,
    IntentUnconfirmed,
)
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.signals.events import SignalAcknowledged, SignalCleared, SignalDetected, SignalExpired

NAMES: Final[Mapping[type, str]] = {
    UserRegistered: "user.registered.v1",
    WalletLinked: "wallet.linked.v1",
    WalletUnlinked: "wallet.unlinked.v1",
    PreferencesChanged: "preferences.changed.v1",
    TelegramLinked: "telegram.linked.v1",
    TelegramUnlinked: "telegram.unlinked.v1",
    EmailVerified: "email.verified.v1",
    EmailRemoved: "email.removed.v1",
    UserDeleted: "user.deleted.v1",
    PositionsObserved: "positions.observed.v1",
    PositionLiquidated: "position.liquidated.v1",
    SignalDetected: "signal.detected.v1",
    SignalCleared: "signal.cleared.v1",
    SignalExpired: "signal.expired.v1",
    SignalAcknowledged: "signal.acknowledged.v1",
    AlertRaised: "alert.raised.v1",
    AlertSent: "alert.sent.v1",
    AlertFailed: "alert.failed.v1",
    AlertAcknowledged: "alert.acknowledged.v1",
    AlertResolved: "alert.resolved.v1",
    DeliveryPlanned: "delivery.planned.v1",
    DeliverySucceeded: "delivery.succeeded.v1",
    DeliveryFailed: "delivery.failed.v1",
    DeliveryUnconfirmed: "delivery.unconfirmed.v1",
    DeliveryWithdrawn: "delivery.withdrawn.v1",
    IntentProposed: "intent.proposed.v1",
    IntentArmed: "intent.armed.v1",
    IntentTriggered: "intent.triggered.v1",
    IntentSubmitted: "intent.submitted.v1",
    IntentUnconfirmed: "intent.unconfirmed.v1",
    IntentSettled: "intent.settled.v1",
    IntentFailed: "intent.failed.v1",
    IntentExpired: "intent.expired.v1",
    IntentCancelled: "intent.cancelled.v1",
}
"""What each fact is called in the log, for ever: one that changes gets the next version and an upcast."""
