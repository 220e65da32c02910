from collections.abc import Collection, Mapping
from typing import Protocol

from application.positions.ports import Snapshot
from application.shared.ports import FollowingWork
from application.signals.ports import Watches
from domain.positions.events import PositionsObserved
from domain.shared.ids import SignalId, UserId
from domain.signals.rules import Rules
from domain.signals.signal import Signal, SignalChange


class SignalsFound(Protocol):
    """The signals, to whoever finds them."""

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are, at once."""
        ...

    async def record(self, *changes: SignalChange) -> None:
        """Store the states, each of another signal, and append the facts at the commit in the order given."""
        ...


class RulesKept(Protocol):
    """The rules in force, to whoever keeps them."""

    async def put(self, rules: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        ...

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        ...

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        ...


class Observed(Protocol):
    """The snapshots, to whoever follows batches of them."""

    async def of_batch(self, fact: PositionsObserved) -> tuple[Snapshot, ...]:
        """Return a batch's snapshots ordered by id; raises Tampered when they are not those that the fact covers."""
        ...


class DetectingWork(FollowingWork, Protocol):
    """What finding signals needs of its transaction, and no more: a replay has to offer it too."""

    @property
    def positions(self) -> Observed:
        """The snapshots that signals rest on."""
        ...

    @property
    def signals(self) -> SignalsFound:
        """The signals."""
        ...

    @property
    def rules(self) -> RulesKept:
        """What users want to hear of."""
        ...

    @property
    def watches(self) -> Watches:
        """What the detectors remember."""
        ...
