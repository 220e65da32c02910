from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.identity.preferences import Channel, SignalType
from domain.shared.ids import AlertId, DeliveryId, SignalId, UserId
from domain.signals.events import Severity
from domain.signals.subject import Subject


class Purpose(StrEnum):
    """Why a message goes out: to ring, or to say that the danger has passed."""

    ALARM = "alarm"
    ALL_CLEAR = "all_clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised:
    """A signal gave one user a reason to look. `message` is the sentence that goes to each of the channels."""

    alert_id: AlertId
    user_id: UserId
    signal_id: SignalId
    subject: Subject
    type: SignalType
    severity: Severity
    channels: tuple[Channel, ...]
    message: str
    data: Mapping[str, str]
    rule_version: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSent:
    """At least one channel took the alarm."""

    alert_id: AlertId
    user_id: UserId
    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFailed:
    """Every channel was tried to the end, and none is known to have taken the alarm."""

    alert_id: AlertId
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged:
    """The user said "I have seen it"."""

    alert_id: AlertId
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved:
    """The reason to look is gone; `message` is the all-clear."""

    alert_id: AlertId
    user_id: UserId
    message: str
    at: datetime


AlertEvent: TypeAlias = AlertRaised | AlertSent | AlertFailed | AlertAcknowledged | AlertResolved


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlanned:
    """One attempt to hand an alert's message to one channel, not before `due_at`."""

    delivery_id: DeliveryId
    alert_id: AlertId
    user_id: UserId
    channel: Channel
    purpose: Purpose
    attempt: int
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySucceeded:
    """The channel took the message; `receipt` is its own words for that."""

    delivery_id: DeliveryId
    user_id: UserId
    receipt: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed:
    """The channel is known not to have taken the message."""

    delivery_id: DeliveryId
    user_id: UserId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUnconfirmed:
    """Nobody knows whether the channel took the message: the answer, or the worker, was lost on the way."""

    delivery_id: DeliveryId
    user_id: UserId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWithdrawn:
    """The message was not sent, because there was no reason for it any more."""

    delivery_id: DeliveryId
    user_id: UserId
    reason: str
    at: datetime


DeliveryEvent: TypeAlias = (
    DeliveryPlanned | DeliverySucceeded | DeliveryFailed | DeliveryUnconfirmed | DeliveryWithdrawn
)
