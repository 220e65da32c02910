from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from domain.identity.preferences import SignalType
from domain.shared.change import Change
from domain.shared.errors import Invalid
from domain.shared.history import folded
from domain.shared.ids import SignalId, UserId
from domain.signals.errors import SignalNotActive
from domain.signals.events import (
    Severity,
    SignalAcknowledged,
    SignalCleared,
    SignalDetected,
    SignalEvent,
    SignalExpired,
)
from domain.signals.subject import Subject


class SignalStatus(StrEnum):
    """Whether the condition still stands, and whether its user has seen it."""

    ACTIVE = "active"
    EXPIRED = "expired"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A condition found true at a moment; it ends by clearing or by expiry, and both read as expired."""

    id: SignalId
    user_id: UserId
    subject: Subject
    type: SignalType
    asset: str
    severity: Severity
    data: Mapping[str, str]
    rule_version: int
    source: str
    detected_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None = None
    status: SignalStatus = SignalStatus.ACTIVE
    version: int = 1

    @staticmethod
    def detected(fact: SignalDetected) -> "SignalChange":
        """Return the new signal with the fact that made it."""
        return Change(Signal.born(fact), (fact,))

    @staticmethod
    def born(fact: SignalDetected) -> "Signal":
        """Return the signal as its first fact made it."""
        return Signal(
            id=fact.signal_id,
            user_id=fact.user_id,
            subject=fact.subject,
            type=fact.type,
            asset=fact.asset,
            severity=fact.severity,
            data=fact.data,
            rule_version=fact.rule_version,
            source=fact.source,
            detected_at=fact.at,
            expires_at=fact.expires_at,
        )

    def clear(self, fact: SignalCleared) -> "SignalChange":
        """End the signal because its condition no longer holds."""
        return self._then(fact)

    def expire(self, *, at: datetime) -> "SignalChange":
        """End the signal because its moment has passed."""
        if self.expires_at is None or at < self.expires_at:
            raise Invalid(f"The signal {self.id} has not reached its expiry.")
        return self._then(SignalExpired(signal_id=self.id, user_id=self.user_id, at=at))

    def acknowledge(self, *, at: datetime) -> "SignalChange":
        """Mark the signal as seen; seeing it twice changes nothing."""
        if self.status is SignalStatus.ACKNOWLEDGED:
            return Change(self, ())
        return self._then(SignalAcknowledged(signal_id=self.id, user_id=self.user_id, at=at))

    def after(self, fact: SignalEvent) -> "Signal":
        """Return the signal as the fact left it."""
        version = self.version + 1
        match fact:
            case SignalDetected():
                return Signal.born(fact)
            case SignalCleared(at=at) | SignalExpired(at=at):
                return replace(self, status=SignalStatus.EXPIRED, ended_at=at, version=version)
            case SignalAcknowledged():
                return replace(self, status=SignalStatus.ACKNOWLEDGED, version=version)
            case _:
                assert_never(fact)

    @staticmethod
    def folded(facts: Iterable[SignalEvent]) -> "Signal":
        """Rebuild the signal from its whole history."""
        return folded(facts, first=SignalDetected, born=Signal.born, after=Signal.after)

    def _then(self, fact: SignalEvent) -> "SignalChange":
        if self.status is SignalStatus.EXPIRED:
            raise SignalNotActive(self.id)
        return Change(self.after(fact), (fact,))


SignalChange: TypeAlias = Change[Signal, SignalEvent]
