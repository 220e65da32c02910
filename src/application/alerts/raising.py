from typing import Protocol

from application.shared.ports import FollowingWork
from domain.alerts.alert import Alert, AlertChange
from domain.alerts.delivery import DeliveryChange
from domain.shared.ids import SignalId, UserId
from domain.signals.rules import Rules
from domain.signals.subject import Subject


class AlertsRaised(Protocol):
    """The alerts, to whoever raises and resolves them."""

    async def record(self, change: AlertChange) -> None:
        """Store the state and append the facts at the commit."""
        ...

    async def of_signal(self, signal_id: SignalId) -> Alert | None:
        """Return the alert that the signal raised, if it did."""
        ...

    async def standing(self, subject: Subject) -> tuple[Alert, ...]:
        """Return the subject's alerts that are not resolved."""
        ...


class DeliveriesPlanned(Protocol):
    """The outbox, to whoever plans the first attempts."""

    async def record(self, change: DeliveryChange) -> None:
        """Store the state and append the facts at the commit. Planning what is planned already raises StaleWrite."""
        ...


class RulesRead(Protocol):
    """The rules by version."""

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one, or raise NotFound."""
        ...


class RaisingWork(FollowingWork, Protocol):
    """What raising alerts needs of its transaction, and no more: a replay has to offer it too."""

    @property
    def alerts(self) -> AlertsRaised:
        """The alerts."""
        ...

    @property
    def deliveries(self) -> DeliveriesPlanned:
        """The outbox."""
        ...

    @property
    def rules(self) -> RulesRead:
        """What users want to hear of, and where."""
        ...
