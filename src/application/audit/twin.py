from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar, Protocol, get_args

from application.alerts.ports import AlertsWork
from application.alerts.raise_alerts import RaiseAlerts
from application.audit.ports import AuditWork
from application.positions.ports import Positions
from application.shared.ports import Begin, Checkpoints, Facts, Place, Recorded
from application.signals.detect_signals import DetectSignals
from application.signals.ports import RulesInForce, Signals, SignalsWork, Watches
from domain.alerts.events import AlertRaised, AlertResolved, DeliveryPlanned
from domain.identity.events import UserEvent
from domain.shared.ids import UserId
from domain.signals.events import SignalCleared, SignalDetected

PAGE = 500
BEGINNING = Place(0)

SIGNALS_DECIDED: tuple[type, ...] = (SignalDetected, SignalCleared)
ALERTS_DECIDED: tuple[type, ...] = (AlertRaised, AlertResolved, DeliveryPlanned)


class ScratchWork(SignalsWork, AlertsWork, Protocol):
    """What the reactions need of their transaction, somewhere that nobody else looks."""


class Scratch(Protocol):
    """Gives empty stores, in which decisions are made again and then forgotten."""

    def __call__(self) -> Begin[ScratchWork]:
        """Return the way into a new, empty store with a log of its own."""
        ...


@dataclass(frozen=True, slots=True)
class _Sighted:
    """The scratch's work, except that snapshots are read, and their root verified, where they are really stored."""

    scratch: ScratchWork
    positions: Positions

    @property
    def facts(self) -> Facts:
        return self.scratch.facts

    @property
    def checkpoints(self) -> Checkpoints:
        return self.scratch.checkpoints

    @property
    def signals(self) -> Signals:
        return self.scratch.signals

    @property
    def rules(self) -> RulesInForce:
        return self.scratch.rules

    @property
    def watches(self) -> Watches:
        return self.scratch.watches


@dataclass(slots=True)
class Twin:
    """The reactions of the main loop once more, fed with the recorded inputs and nothing else.

    A user's whole stream is fed, though not all of it is followed: so its facts keep their versions, which rules and
    sources are named by.
    """

    real: Begin[AuditWork]
    scratch: Begin[ScratchWork]
    read: Place = BEGINNING

    inputs: ClassVar[tuple[type, ...]] = tuple({*DetectSignals.follows, *get_args(UserEvent)})

    async def decide(self, page: Sequence[Recorded]) -> tuple[Recorded, ...]:
        """Let the reactions follow the inputs among these facts, and return what they decided.

        Raises Tampered when snapshots are not those that the log covers, and StaleWrite when a stream has a gap.
        """
        async with self.scratch(None) as work:
            for recorded in page:
                if isinstance(recorded.fact, self.inputs):
                    work.facts.append(recorded.stream, recorded.version - 1, [recorded.fact])
        for reaction in (DetectSignals(self._sighted), RaiseAlerts(self.scratch)):
            while await reaction():
                pass
        return tuple([recorded async for recorded in self._decided()])

    @asynccontextmanager
    async def _sighted(self, actor: UserId | None) -> AsyncIterator[SignalsWork]:
        async with self.real(actor) as real, self.scratch(actor) as scratch:
            yield _Sighted(scratch, real.positions)

    async def _decided(self) -> AsyncIterator[Recorded]:
        while True:
            async with self.scratch(None) as work:
                page = await work.facts.after(
                    self.read, limit=PAGE, types=(*SIGNALS_DECIDED, *ALERTS_DECIDED)
                )
            for recorded in page:
                self.read = recorded.place
                yield recorded
            if not page:
                return
