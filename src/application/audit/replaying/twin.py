from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from application.alerts.raise_alerts import RaiseAlerts
from application.audit.ports import AuditWork
from application.audit.replaying.scratch import Reactions, Stakes, TwinWork
from application.positions.ports import Snapshot
from application.shared.ports import Begin, Checkpoints, Followed, Place, Recorded
from application.signals.detect_signals import DetectSignals
from application.signals.detecting import DetectingWork, RulesKept, SignalsFound
from application.signals.ports import Watches
from domain.alerts.events import AlertRaised, AlertResolved, DeliveryPlanned
from domain.positions.events import PositionsObserved
from domain.shared.ids import UserId
from domain.signals.events import SignalCleared, SignalDetected

BEGINNING = Place(0)

SIGNALS_DECIDED: tuple[type, ...] = (SignalDetected, SignalCleared)
ALERTS_DECIDED: tuple[type, ...] = (AlertRaised, AlertResolved, DeliveryPlanned)


@dataclass(frozen=True, slots=True)
class _Sight:
    """Snapshots, read and their root verified where they are really stored; perhaps those of one user alone.

    Each batch is asked for once, and what it says of stakes is noted then.
    """

    real: Begin[AuditWork]
    stakes: Stakes
    user: UserId | None

    async def of_batch(self, fact: PositionsObserved) -> tuple[Snapshot, ...]:
        async with self.real(None) as work:
            snapshots = await work.positions.of_batch(fact)
        concerned = tuple(one for one in snapshots if self.user is None or one.user_id == self.user)
        self.stakes.observe(fact, concerned)
        return concerned


@dataclass(frozen=True, slots=True)
class _Sighted:
    """The scratch's work, and the snapshots."""

    scratch: TwinWork
    positions: _Sight

    @property
    def facts(self) -> Followed:
        return self.scratch.facts

    @property
    def checkpoints(self) -> Checkpoints:
        return self.scratch.checkpoints

    @property
    def signals(self) -> SignalsFound:
        return self.scratch.signals

    @property
    def rules(self) -> RulesKept:
        return self.scratch.rules

    @property
    def watches(self) -> Watches:
        return self.scratch.watches


@dataclass(frozen=True, slots=True)
class Twin:
    """The reactions of the main loop once more, fed with the recorded inputs and nothing else.

    For one user alone it is fed with their facts, and of each batch with their snapshots.
    """

    real: Begin[AuditWork]
    scratch: Reactions
    user: UserId | None = None

    inputs: ClassVar[tuple[type, ...]] = DetectSignals.follows

    async def decide(self, page: Sequence[Recorded]) -> Sequence[Recorded]:
        """Let the reactions follow the inputs among these facts, and return what they decided.

        Raises Tampered when snapshots are not those that the log covers.
        """
        inputs = [one for one in page if isinstance(one.fact, self.inputs) and self._concerned(one)]
        if not inputs:
            return ()
        detects, raises = DetectSignals(self._sighted), RaiseAlerts(self.scratch.begin)
        for recorded in inputs:
            self.scratch.feed(recorded)
            await detects()
        while await raises():
            pass
        return self.scratch.taken()

    def _concerned(self, recorded: Recorded) -> bool:
        return self.user is None or recorded.user_id in {None, self.user}

    @asynccontextmanager
    async def _sighted(self, actor: UserId | None) -> AsyncIterator[DetectingWork]:
        async with self.scratch.begin(actor) as scratch:
            yield _Sighted(scratch, _Sight(self.real, self.scratch.stakes, self.user))
