from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from application.alerts.raising import AlertsRaised, DeliveriesPlanned, RulesRead
from application.audit.ports import AuditWork, State
from application.audit.replaying.fold import Kind
from application.audit.replaying.memories import MemoryRows, Remembered
from application.audit.replaying.row_difference import RowDifference
from application.positions.ports import Snapshot
from application.shared.ports import Begin, FollowingWork, Recorded
from application.signals.detecting import RulesKept, SignalsFound
from application.signals.ports import Watches
from domain.positions.events import PositionsObserved
from domain.shared.ids import Id, UserId

Fingerprint: TypeAlias = Callable[[object], bytes]
"""Gives the hash of a state that a change's last fact is recorded with."""

Reproduced: TypeAlias = Callable[[Recorded], bool]
"""Says whether writing a fact again gives the bytes that are stored: then nothing in them was overlooked."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A state as the fold left it, and the facts that it took since it was put away last."""

    state: State
    facts: tuple[Recorded, ...]


class FoldedRows(Protocol):
    """Tables like those of the states, which hold what the log gives when it is folded."""

    async def some(self, kind: Kind, ids: Collection[Id]) -> Sequence[State]:
        """Return those of the states that were put away before."""
        ...

    async def put(self, kind: Kind, folded: Sequence[Folded]) -> None:
        """Put states away, in place of what they were before."""
        ...

    async def stored(self, kind: Kind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        ...

    def differing(self, kind: Kind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        ...


class Stakes(Protocol):
    """Which wallets were ever seen in which markets, and since when they are gone."""

    def observe(self, batch: PositionsObserved, snapshots: Sequence[Snapshot]) -> None:
        """Note what a batch saw; a wallet that it did not find is gone, for each user of whom it was ever seen."""
        ...


class TwinRules(RulesKept, RulesRead, Protocol):
    """The rules by version, kept and read."""


class TwinWork(FollowingWork, Protocol):
    """What both reactions need of their transaction, except for the snapshots."""

    @property
    def signals(self) -> SignalsFound:
        """The signals."""
        ...

    @property
    def rules(self) -> TwinRules:
        """What users want to hear of."""
        ...

    @property
    def watches(self) -> Watches:
        """What the detectors remember."""
        ...

    @property
    def alerts(self) -> AlertsRaised:
        """The alerts."""
        ...

    @property
    def deliveries(self) -> DeliveriesPlanned:
        """The outbox."""
        ...


class Reactions(Protocol):
    """A store in which the reactions decide again; of the log it keeps only what they have yet to follow."""

    @property
    def begin(self) -> Begin[TwinWork]:
        """The way in."""
        ...

    @property
    def remembered(self) -> Remembered:
        """What the reactions remember, and what they know of their users."""
        ...

    @property
    def stakes(self) -> Stakes:
        """Who was seen in which market."""
        ...

    def feed(self, recorded: Recorded) -> None:
        """Give the reactions the next fact to follow; what they remember from now on, they remember because of it."""
        ...

    def taken(self) -> Sequence[Recorded]:
        """Return what was decided since this was asked last, once both reactions have followed everything."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class ScratchSpace(Protocol):
    """Where a replay keeps what it makes."""

    @property
    def rows(self) -> FoldedRows:
        """The folded states."""
        ...

    @property
    def memories(self) -> MemoryRows:
        """What the reactions are to remember."""
        ...

    @property
    def reactions(self) -> Reactions:
        """The decisions made again."""
        ...

    def standing_still(self) -> AbstractAsyncContextManager[AuditWork]:
        """Open a transaction in which log and tables, compared by `rows` and `memories` too, stay as at one moment."""
        ...


class Scratch(Protocol):
    """Gives empty spaces that nobody else looks into, and of which nothing is left afterwards."""

    def __call__(self) -> AbstractAsyncContextManager[ScratchSpace]:
        """Open a space of one's own."""
        ...
