from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from application.audit.reading.fact_search import FactSearch
from application.audit.reading.sightings import Sightings
from application.positions.ports import Positions
from application.shared.ports import Facts, Place
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.identity.operator import Operator
from domain.identity.user import User
from domain.intents.states import Intent
from domain.shared.ids import Id
from domain.signals.signal import Signal

State: TypeAlias = User | Signal | Alert | Delivery | Intent | Operator
"""Everything whose state is a fold of its facts."""


class StoredStates(Protocol):
    """The state tables as they stand, to be compared with the fold of the log."""

    async def page(self, kind: str, *, after: Id | None, limit: int) -> Sequence[State]:
        """Return stored states of a kind (its name, such as `alert`) in the order of their ids."""
        ...


@dataclass(frozen=True, slots=True)
class StreamSnapshot:
    """A state as a stream's facts up to a position gave it, by the code of today."""

    state: State
    place: Place


class StreamSnapshots(Protocol):
    """States of long streams kept beside the log, so that they need not be folded from the beginning each time.

    Nothing follows from them. One that other code made, or that was altered, or whose user is forgotten, is as good as
    none.
    """

    async def newest(self, stream: Id, *, until: Place) -> StreamSnapshot | None:
        """Return the newest snapshot of a stream at or before a position, if there is one that can be used."""
        ...

    async def keep(self, snapshot: StreamSnapshot) -> None:
        """Keep a snapshot; only Plimsoll itself may."""
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
    def snapshots(self) -> StreamSnapshots:
        """What long streams came to before."""
        ...

    @property
    def states(self) -> StoredStates:
        """The state tables."""
        ...
