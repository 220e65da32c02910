from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from application.identity.ports import Users
from application.shared.ports import Checkpoints, Facts
from application.signals.ports import RulesInForce, Signals
from domain.alerts.alert import Alert, AlertChange, AlertStatus
from domain.alerts.delivery import Delivery, DeliveryChange
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel
from domain.shared.ids import AlertId, DeliveryId, SignalId, UserId
from domain.signals.events import Severity
from domain.signals.subject import Subject


class Alerts(Protocol):
    """Reasons to look. An actor sees their own."""

    async def get(self, alert_id: AlertId) -> Alert:
        """Return the alert, or raise AlertNotFound."""
        ...

    async def hold(self, alert_id: AlertId) -> Alert:
        """Return the alert, and keep others from changing it until the commit; or raise AlertNotFound."""
        ...

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts at the commit."""
        ...

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        ...

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved."""
        ...

    async def list(
        self, user_id: UserId, *, status: Collection[AlertStatus], before: AlertId | None, limit: int
    ) -> tuple[Alert, ...]:
        """Return the user's alerts, newest first, continuing after the one named; all when no status is named."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is now ours to make; `lost` when another worker claimed it before and was not heard of again."""

    delivery: Delivery
    lost: bool


class Deliveries(Protocol):
    """The outbox: attempts to hand alerts to channels."""

    async def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return the delivery, or raise NotFound."""
        ...

    async def record(self, change: DeliveryChange) -> None:
        """Store the state and append the facts at the commit. Planning what is planned already raises StaleWrite."""
        ...

    async def of_alert(self, alert_id: AlertId) -> tuple[Delivery, ...]:
        """Return every attempt for the alert, in the order in which they were planned."""
        ...

    async def claim(self, *, at: datetime, until: datetime, limit: int) -> tuple[Claim, ...]:
        """Claim deliveries that are due and free, so that no other worker makes them until the lease ends."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next delivery is due or its lease ends; None when nothing is pending."""
        ...


class AlertsWork(Protocol):
    """What use cases of alerts need of their transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def checkpoints(self) -> Checkpoints:
        """How far each reaction has come."""
        ...

    @property
    def alerts(self) -> Alerts:
        """The alerts."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """The outbox."""
        ...

    @property
    def signals(self) -> Signals:
        """The signals that alerts rest on."""
        ...

    @property
    def rules(self) -> RulesInForce:
        """What users want to hear of, and where."""
        ...

    @property
    def users(self) -> Users:
        """Whom to tell."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out to a channel. `key` names the attempt, so that a channel may refuse a second copy."""

    key: DeliveryId
    alert_id: AlertId
    purpose: Purpose
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel said that it has the message; its own words for that."""

    receipt: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel is known not to have taken the message.

    `final` when trying again is pointless (a blocked bot, an unknown mailbox); `retry_after` when the channel named
    a pause.
    """

    reason: str
    final: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The message went out, but no answer that can be understood came back: it may or may not have arrived."""

    reason: str


Outcome: TypeAlias = Taken | Refused | Lost


class Notifier(Protocol):
    """Hands messages to one channel. Never raises for what the outside does; reasons never hold secrets."""

    @property
    def channel(self) -> Channel:
        """Which channel this is."""
        ...

    async def send(self, contact: str, message: Message) -> Outcome:
        """Hand the message over (to a chat id, a mailbox, or for in-app a user's id) and say what became of it."""
        ...
