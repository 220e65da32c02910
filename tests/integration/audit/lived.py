"""The main loop lived on PostgreSQL, for what is done to its record afterwards."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import psycopg
from tests.contract.work import Work
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.codec.fingerprint import fingerprint
from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.scratch import PostgresScratch
from adapters.postgres.replaying.workshop import PostgresWorkshops
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.scratch.reactions import ScratchReactions
from adapters.system.ids import SystemIds
from application.audit.replaying.rebuild import RebuildProjections
from domain.shared.ids import UserId

CODE = bytes(32)


@asynccontextmanager
async def world_on(database: Database) -> AsyncIterator[tuple[World, RebuildProjections]]:
    """Open a world whose users come through the HTTP server's role, and Plimsoll itself through the worker's."""
    clock = ManualClock()
    served, working = (
        PostgresDatabase(url, work=PostgresWork, clock=clock, ids=SystemIds(), secrets=RING, pool_size=4)
        for url in (database.app_url, database.worker_url)
    )

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return working.begin(None) if actor is None else served.begin(actor)

    world = World(begin, clock, PostgresScratch(working, ScratchReactions))
    yield world, RebuildProjections(PostgresWorkshops(working), fingerprint, CODE)
    await served.close()
    await working.close()


async def live_a_little(world: World) -> UserId:
    """Let two users have a fall, a recovery and another fall."""
    ada = await world.register(wallet(1), wallet(3))
    await world.register(wallet(2))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 11_000), wallet(3): (1, 900)}
    for dollars in (None, 1350, 2000, 1300):
        await world.live(dollars)
    await world.unlink(ada, wallet(3))
    await world.react()
    return ada


def by_hand(database: Database, *statements: str) -> None:
    """Do to the database what its administrator can do."""
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement.encode())
