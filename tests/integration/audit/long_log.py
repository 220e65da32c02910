"""A long log of the main loop, made quickly: decisions by the reactions of a replay, states by a rebuild."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.unit.application.market import CHAIN, FakeMarket, wallet

from adapters.codec.fingerprint import fingerprint
from adapters.memory.clock import ManualClock
from adapters.memory.ids import SequentialIds
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.workshop import PostgresWorkshops
from adapters.postgres.work import PostgresWork
from adapters.scratch.reactions import ScratchReactions
from adapters.system.ids import SystemIds
from application.audit.ports import State
from application.audit.replaying.fold import Kind, following
from application.audit.replaying.memories import MemoryKind
from application.audit.replaying.rebuild import RebuildProjections
from application.audit.replaying.twin import Twin
from application.positions.observe_positions import ObservePositions
from application.positions.readers import Readers
from application.shared.ports import Place, Recorded
from application.signals.detect_signals import DetectSignals
from domain.alerts.events import AlertRaised, AlertSent, DeliveryPlanned, DeliverySucceeded
from domain.identity.preferences import Channel, Preferences, RiskProfile, SignalType
from domain.identity.user import User
from domain.shared.ids import Id, UserId
from domain.signals.rules import Rules
from domain.signals.watch import Watch

USERS = 100
BATCH = 50
PRICES = (1300, 2000)
"""At the first every alarm rings, and at the second all are over."""

ACTIVE = (SignalType.HEALTH_FACTOR_LOW, SignalType.HEALTH_FACTOR_CRITICAL)


class LongLog:
    """Writes histories of `USERS` wallets, of which each rings and is at rest again in every two rounds."""

    def __init__(self, database: PostgresDatabase[PostgresWork], clock: ManualClock) -> None:
        self.database, self.clock, self.ids = database, clock, SequentialIds()
        self.market = FakeMarket(clock)
        self.reactions = ScratchReactions()
        self.twin = Twin(database.begin, self.reactions)
        self.observes = ObservePositions(database.begin, Readers({CHAIN: self.market}), clock, self.ids)
        self.states: dict[Id, State] = {}
        self.place = Place(0)

    async def write(self, facts: int) -> Place:
        """Write at least so many facts, whole rounds, with the state tables that they lead to."""
        self.market.stakes = {wallet(number): (10, 11_000) for number in range(1, USERS + 1)}
        async with self.database.begin(None) as work:
            for number in range(1, USERS + 1):
                user = UserId(self.ids.new())
                preferences = replace(Preferences.of(RiskProfile.MODERATE), active_signals=ACTIVE)
                change = User.register(
                    id=user, wallet=wallet(number), preferences=preferences, at=self.clock.now()
                )
                await work.users.record(change)
        await self._react()
        turn = 0
        while self.place < facts:
            await self._round(PRICES[turn % len(PRICES)])
            turn += 1
        await RebuildProjections(PostgresWorkshops(self.database), fingerprint, bytes(32))(list(Kind))
        await self._remember()
        self.reactions.close()
        return self.place

    async def _remember(self) -> None:
        """Store what the detectors remember of it all."""
        remembered, name = self.reactions.remembered, DetectSignals.name
        async with self.database.begin(None) as work:
            for one in remembered.all(MemoryKind.RULES):
                assert isinstance(one, Rules)
                await work.rules.put(one)
            watches = [one for one in remembered.all(MemoryKind.WATCH) if isinstance(one, Watch)]
            await work.watches.put(watches)
            await work.checkpoints.hold(name)
            await work.checkpoints.move(name, self.place)

    async def _round(self, dollars: int) -> None:
        self.clock.advance(timedelta(minutes=5))
        self.market.number += 1
        self.market.price(dollars)
        wallets = sorted(self.market.stakes)
        for first in range(0, len(wallets), BATCH):
            await self.observes(chain_id=CHAIN, wallets=wallets[first : first + BATCH])
        await self._react()

    async def _react(self) -> None:
        async with self.database.begin(None) as work:
            page = await work.facts.after(self.place, limit=10_000)
        decided = await self.twin.decide(page)
        async with self.database.begin(None) as work:
            made = [(one.stream, one.fact) for one in decided]
            for stream, fact in (*made, *_outcomes(decided, self.clock.now())):
                version = getattr(self.states.get(stream), "version", 0)
                told = _told(stream, version + 1, fact, self.clock.now())
                self.states[stream] = following(self.states.get(stream), told)
                work.facts.append(stream, version, [fact], state=self.states[stream])
        async with self.database.begin(None) as work:
            self.place = await work.facts.last()


def _told(stream: Id, version: int, fact: object, at: datetime) -> Recorded:
    return Recorded(
        place=Place(0),
        stream=stream,
        version=version,
        type="",
        user_id=None,
        fact=fact,
        stored=b"",
        recorded_at=at,
    )


def _outcomes(decided: Sequence[Recorded], at: datetime) -> Iterator[tuple[Id, object]]:
    """Deliver everything that was planned."""
    for one in decided:
        match one.fact:
            case DeliveryPlanned() as planned:
                yield (
                    planned.delivery_id,
                    DeliverySucceeded(
                        delivery_id=planned.delivery_id,
                        user_id=planned.user_id,
                        receipt={"id": str(planned.delivery_id)},
                        at=at,
                    ),
                )
            case AlertRaised() as raised:
                yield (
                    raised.alert_id,
                    AlertSent(
                        alert_id=raised.alert_id, user_id=raised.user_id, channel=Channel.IN_APP, at=at
                    ),
                )
            case _:
                pass


async def write_long_log(database: Database, facts: int) -> Place:
    """Fill an empty database with a log of at least so many facts, and what they lead to."""
    clock = ManualClock()
    opened = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=clock, ids=SystemIds(), secrets=RING, pool_size=4
    )
    try:
        return await LongLog(opened, clock).write(facts)
    finally:
        await opened.close()
