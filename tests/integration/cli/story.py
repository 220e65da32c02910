"""A log with a story in it: two users, alerts, deliveries and an intent, written through the real use cases."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from tests.contract.work import Work
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.unit.application.audit.test_explain_intent import terms
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.system.ids import SystemIds
from application.intents.register_intent import RegisterIntent
from application.shared.correlation import correlation
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Story:
    """What a test may ask the command line about."""

    alice: str
    alert: str
    delivery_place: int
    signal: str
    intent: str
    cause: str
    last: int


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[World]:
    clock = ManualClock()
    served, working = (
        PostgresDatabase(url, work=PostgresWork, clock=clock, ids=SystemIds(), secrets=RING, pool_size=2)
        for url in (database.app_url, database.worker_url)
    )

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return working.begin(None) if actor is None else served.begin(actor)

    yield World(begin, clock)
    await served.close()
    await working.close()


async def told(database: Database) -> Story:
    """Let Alice register, fall below her threshold, be told, change her mind and arm an intent."""
    async with opened(database) as world:
        alice = await world.register(wallet(1))
        await world.register(wallet(2))
        world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 100)}
        await world.live()
        await world.live(1810)
        cause = SystemIds().new()
        token = correlation.set(cause)
        await world.prefer(alice, low="1.7")
        correlation.reset(token)
        registers = RegisterIntent(world.begin, world.clock, SystemIds(), [CHAIN])
        intent = await registers(actor=alice, terms=terms(world, wallet(1)))
        [alert] = await world.alerts()
        [delivery] = await world.deliveries()
        async with world.begin(None) as work:
            [first, *_] = await work.facts.of(delivery.id)
            last = await work.facts.last()
    return Story(
        alice=str(alice),
        alert=str(alert.id),
        delivery_place=first.place,
        signal=str(alert.signal_id),
        intent=str(intent.id),
        cause=cause,
        last=last,
    )
