from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeAlias

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.postgres.sealed_users import Doors

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.driver import driver_of
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.facts import PostgresFacts
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


@dataclass(frozen=True, slots=True)
class LogWork:
    """A transaction with the event log, and psycopg's own connection for what no port offers."""

    connection: AsyncConnection
    facts: PostgresFacts

    @property
    def checkpoints(self) -> PostgresCheckpoints:
        return PostgresCheckpoints(self.connection)

    async def driver(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await driver_of(self.connection)


LogDatabase: TypeAlias = PostgresDatabase[LogWork]
Open: TypeAlias = Callable[..., Awaitable[LogDatabase]]


@pytest.fixture
async def open_database() -> AsyncIterator[Open]:
    opened: list[LogDatabase] = []

    async def open_database(url: str, *, pool_size: int = 10, patience: float = 30) -> LogDatabase:
        database = PostgresDatabase(
            url,
            work=LogWork,
            clock=SystemClock(),
            ids=SystemIds(),
            secrets=RING,
            pool_size=pool_size,
            patience=patience,
        )
        opened.append(database)
        return database

    yield open_database
    for database in opened:
        await database.close()


@pytest.fixture
async def app(open_database: Open, database: Database) -> LogDatabase:
    return await open_database(database.app_url)


@pytest.fixture
async def worker(open_database: Open, database: Database) -> LogDatabase:
    return await open_database(database.worker_url)


@pytest.fixture
async def doors(database: Database) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        yield Doors(database, stack)
