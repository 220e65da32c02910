from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from domain.alerts.errors import AlertOver
from domain.alerts.events import (
    AlertAcknowledged,
    AlertEvent,
    AlertFailed,
    AlertRaised,
    AlertResolved,
    AlertSent,
)
from domain.identity.preferences import Channel, SignalType
from domain.shared.change import Change
from domain.shared.history import folded
from domain.shared.ids import AlertId, SignalId, UserId
from domain.signals.events import Severity
from domain.signals.subject import Subject


class AlertStatus(StrEnum):
    """How far an alert has come on its way to somebody's eyes."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One reason to look, for one user, until somebody does or the reason is gone."""

    id: AlertId
    user_id: UserId
    signal_id: SignalId
    subject: Subject
    type: SignalType
    severity: Severity
    channels: tuple[Channel, ...]
    message: str
    data: Mapping[str, str]
    rule_version: int
    raised_at: datetime
    status: AlertStatus = AlertStatus.PENDING
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    all_clear: str | None = None
    version: int = 1

    @staticmethod
    def raised(fact: AlertRaised) -> "AlertChange":
        """Return the new alert with the fact that made it."""
        return Change(Alert.born(fact), (fact,))

    @staticmethod
    def born(fact: AlertRaised) -> "Alert":
        """Return the alert as its first fact made it."""
        return Alert(
            id=fact.alert_id,
            user_id=fact.user_id,
            signal_id=fact.signal_id,
            subject=fact.subject,
            type=fact.type,
            severity=fact.severity,
            channels=fact.channels,
            message=fact.message,
            data=fact.data,
            rule_version=fact.rule_version,
            raised_at=fact.at,
        )

    @property
    def wanted(self) -> bool:
        """Say whether its alarm should still be sent: nobody has seen it, and its reason stands."""
        return self.acknowledged_at is None and self.resolved_at is None

    def sent(self, *, channel: Channel, at: datetime) -> "AlertChange":
        """Take note that a channel took the alarm; the first one counts."""
        if self.sent_at is not None:
            return Change(self, ())
        return self._then(AlertSent(alert_id=self.id, user_id=self.user_id, channel=channel, at=at))

    def failed(self, *, at: datetime) -> "AlertChange":
        """Take note that no channel took the alarm, and none will be tried again."""
        if self.status is not AlertStatus.PENDING:
            return Change(self, ())
        return self._then(AlertFailed(alert_id=self.id, user_id=self.user_id, at=at))

    def acknowledge(self, *, at: datetime) -> "AlertChange":
        """Let the user say "I have seen it"; saying it twice changes nothing."""
        if self.acknowledged_at is not None:
            return Change(self, ())
        if self.resolved_at is not None:
            raise AlertOver(self.id)
        return self._then(AlertAcknowledged(alert_id=self.id, user_id=self.user_id, at=at))

    def resolve(self, *, message: str, at: datetime) -> "AlertChange":
        """Sound the all-clear."""
        if self.resolved_at is not None:
            raise AlertOver(self.id)
        return self._then(AlertResolved(alert_id=self.id, user_id=self.user_id, message=message, at=at))

    def after(self, fact: AlertEvent) -> "Alert":
        """Return the alert as the fact left it."""
        version = self.version + 1
        match fact:
            case AlertRaised():
                return Alert.born(fact)
            case AlertSent(at=at):
                status = AlertStatus.SENT if self.wanted else self.status
                return replace(self, status=status, sent_at=at, version=version)
            case AlertFailed():
                return replace(self, status=AlertStatus.FAILED, version=version)
            case AlertAcknowledged(at=at):
                return replace(self, status=AlertStatus.ACKNOWLEDGED, acknowledged_at=at, version=version)
            case AlertResolved(at=at, message=message):
                return replace(
                    self, status=AlertStatus.RESOLVED, resolved_at=at, all_clear=message, version=version
                )
            case _:
                assert_never(fact)

    @staticmethod
    def folded(facts: Iterable[AlertEvent]) -> "Alert":
        """Rebuild the alert from its whole history."""
        return folded(facts, first=AlertRaised, born=Alert.born, after=Alert.after)

    def _then(self, fact: AlertEvent) -> "AlertChange":
        return Change(self.after(fact), (fact,))


AlertChange: TypeAlias = Change[Alert, AlertEvent]
