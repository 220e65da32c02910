from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING

from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.facts import PostgresFacts
from adapters.system.ids import SystemIds
from application.shared.ports import Begin, ReactionWork
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class LogWork:
    """The event log and nothing else."""

    connection: AsyncConnection
    facts: PostgresFacts

    @property
    def checkpoints(self) -> PostgresCheckpoints:
        return PostgresCheckpoints(self.connection)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ids() -> SystemIds:
    return SystemIds()


@pytest.fixture(params=["memory", "postgres"])
async def begin(
    request: pytest.FixtureRequest, clock: ManualClock, ids: SystemIds
) -> AsyncIterator[Begin[ReactionWork]]:
    """Users come in as the HTTP server, Plimsoll itself as a worker."""
    if request.param == "memory":
        yield MemoryDatabase(clock).begin
        return
    database: Database = request.getfixturevalue("database")
    app = PostgresDatabase(database.app_url, work=LogWork, clock=clock, ids=ids, secrets=RING)
    worker = PostgresDatabase(database.worker_url, work=LogWork, clock=clock, ids=ids, secrets=RING)

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[LogWork]:
        return (worker if actor is None else app).begin(actor)

    yield begin
    await app.close()
    await worker.close()
