from collections.abc import Sequence
from typing import Protocol, TypeAlias
from uuid import UUID

from application.audit.fact_search import FactSearch
from application.audit.sightings import Sightings
from application.positions.ports import Positions
from application.shared.ports import Facts
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.identity.user import User
from domain.intents.states import Intent
from domain.signals.signal import Signal

State: TypeAlias = User | Signal | Alert | Delivery | Intent
"""Everything whose state is a fold of its facts."""


class StoredStates(Protocol):
    """The state tables as they stand, to be compared with the fold of the log."""

    async def page(self, kind: str, *, after: UUID | None, limit: int) -> Sequence[State]:
        """Return stored states of a kind (user, signal, alert, delivery, intent) in the order of their ids."""
        ...


class AuditWork(Protocol):
    """What use cases of audit need of their transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def positions(self) -> Positions:
        """The snapshots that decisions rest on."""
        ...

    @property
    def search(self) -> FactSearch:
        """The event log, by what is said of its facts."""
        ...

    @property
    def sightings(self) -> Sightings:
        """What was seen of wallets, in the order of the log."""
        ...

    @property
    def states(self) -> StoredStates:
        """The state tables."""
        ...
