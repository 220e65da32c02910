from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from application.positions.ports import Positions
from application.shared.ports import Checkpoints, Facts
from domain.shared.chain import Address, ChainId
from domain.shared.ids import SignalId, UserId
from domain.signals.rules import Rules
from domain.signals.signal import Signal, SignalChange, SignalStatus
from domain.signals.subject import Subject
from domain.signals.watch import Watch


class Signals(Protocol):
    """Conditions that were found true. An actor sees their own."""

    async def get(self, signal_id: SignalId) -> Signal:
        """Return the signal, or raise SignalNotFound."""
        ...

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are, at once."""
        ...

    async def record(self, *changes: SignalChange) -> None:
        """Store the states, each of another signal, and append the facts at the commit in the order given."""
        ...

    async def list(
        self, user_id: UserId, *, status: SignalStatus | None, before: SignalId | None, limit: int
    ) -> tuple[Signal, ...]:
        """Return the user's signals, newest first, continuing after the one named."""
        ...

    async def due_to_expire(self, at: datetime, limit: int) -> tuple[Signal, ...]:
        """Return signals whose moment has passed but that are not expired yet."""
        ...


class RulesInForce(Protocol):
    """The rules of every user by version; a version never changes once stored."""

    async def put(self, rules: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        ...

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        ...

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        ...

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one."""
        ...


class Watches(Protocol):
    """What the detectors remember between observations."""

    async def of(self, subjects: Collection[Subject]) -> Mapping[Subject, Watch]:
        """Return the memory of those subjects of which there is any."""
        ...

    async def standing(self, chain_id: ChainId, wallets: Collection[Address]) -> Sequence[Watch]:
        """Return the memories of these wallets on the chain that have a standing episode."""
        ...

    async def of_wallet(self, user_id: UserId, wallet: Address | None) -> Sequence[Watch]:
        """Return the memories of one wallet of a user, or of all."""
        ...

    async def put(self, watches: Sequence[Watch]) -> None:
        """Store memories in place of the earlier ones."""
        ...


class SignalsWork(Protocol):
    """What use cases of signals need of their transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def checkpoints(self) -> Checkpoints:
        """How far each reaction has come."""
        ...

    @property
    def positions(self) -> Positions:
        """The snapshots that signals rest on."""
        ...

    @property
    def signals(self) -> Signals:
        """The signals."""
        ...

    @property
    def rules(self) -> RulesInForce:
        """What users want to hear of."""
        ...

    @property
    def watches(self) -> Watches:
        """What the detectors remember."""
        ...
