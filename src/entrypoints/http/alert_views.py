from collections.abc import Mapping
from datetime import datetime

from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel, SignalType
from domain.signals.events import Severity
from entrypoints.http.frame.fields import Identifier
from entrypoints.http.frame.models import View
from entrypoints.http.subject_view import SubjectView


class AlertView(View):
    """A reason for the caller to look."""

    id: Identifier
    signal_id: Identifier
    type: SignalType
    severity: Severity
    status: AlertStatus
    message: str
    subject: SubjectView
    channels: tuple[Channel, ...]
    data: Mapping[str, str]
    rule_version: int
    raised_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    all_clear: str | None

    @staticmethod
    def of(alert: Alert) -> "AlertView":
        """Show an alert."""
        return AlertView(
            id=alert.id,
            signal_id=alert.signal_id,
            type=alert.type,
            severity=alert.severity,
            status=alert.status,
            message=alert.message,
            subject=SubjectView.of(alert.subject),
            channels=alert.channels,
            data=alert.data,
            rule_version=alert.rule_version,
            raised_at=alert.raised_at,
            sent_at=alert.sent_at,
            acknowledged_at=alert.acknowledged_at,
            resolved_at=alert.resolved_at,
            all_clear=alert.all_clear,
        )


class DeliveryView(View):
    """One attempt to hand an alert to one channel, and the channel's receipt for it."""

    id: Identifier
    channel: Channel
    purpose: Purpose
    attempt: int
    status: DeliveryStatus
    receipt: Mapping[str, str] | None
    reason: str | None
    planned_at: datetime
    due_at: datetime
    settled_at: datetime | None

    @staticmethod
    def of(delivery: Delivery) -> "DeliveryView":
        """Show a delivery."""
        return DeliveryView(
            id=delivery.id,
            channel=delivery.channel,
            purpose=delivery.purpose,
            attempt=delivery.attempt,
            status=delivery.status,
            receipt=delivery.receipt,
            reason=delivery.reason,
            planned_at=delivery.planned_at,
            due_at=delivery.due_at,
            settled_at=delivery.settled_at,
        )


class DeliveredAlertView(View):
    """An alert, and every attempt to hand it over."""

    alert: AlertView
    deliveries: tuple[DeliveryView, ...]
