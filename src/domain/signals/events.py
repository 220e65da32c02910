from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.identity.preferences import SignalType
from domain.shared.ids import SignalId, UserId
from domain.signals.subject import Subject


class Severity(StrEnum):
    """How much a signal matters, from a remark to an emergency."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Order severities: the higher, the graver."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDetected:
    """A condition was found true of a subject.

    `data` holds every figure that the decision rests on, as text; `rule_version` is the version of the user's rules
    that it was taken by, and `source` the fact (batch or liquidation) that it was taken from.
    """

    signal_id: SignalId
    user_id: UserId
    subject: Subject
    type: SignalType
    asset: str
    severity: Severity
    data: Mapping[str, str]
    rule_version: int
    source: str
    at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCleared:
    """The condition is no longer true; `data` holds the figures that say so."""

    signal_id: SignalId
    user_id: UserId
    data: Mapping[str, str]
    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalExpired:
    """The signal told of a moment, and the moment has passed."""

    signal_id: SignalId
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAcknowledged:
    """The user has seen the signal."""

    signal_id: SignalId
    user_id: UserId
    at: datetime


SignalEvent: TypeAlias = SignalDetected | SignalCleared | SignalExpired | SignalAcknowledged
