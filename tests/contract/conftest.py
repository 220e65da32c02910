from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from tests.contract.work import Work
from tests.examples import registered
from tests.fixtures.database import Database, Server
from tests.fixtures.secrets import RING

from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.shared.ports import Begin
from domain.shared.ids import UserId

OUR_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> 'alembic_version' AND NOT starts_with(relname, 'procrastinate_')
"""


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways into one database: as an actor, as Plimsoll itself, and as somebody not known yet."""

    served: Begin[Work]
    working: Begin[Work]

    def begin(self, actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return self.working(None) if actor is None else self.served(actor)

    def stranger(self) -> AbstractAsyncContextManager[Work]:
        return self.served(None)


@pytest.fixture(scope="session")
def one_database(database_server: Server, migrated_template: str) -> Iterator[Database]:
    """A database that the tests of a run take over from one another: hundreds of copies would take a minute."""
    with database_server.database(migrated_template) as database:
        yield database


@pytest.fixture
def emptied_database(one_database: Database) -> Database:
    """A database with nothing in it, as it was when it was migrated."""
    with psycopg.connect(conninfo(one_database.admin_url)) as connection:
        # As a replica would: no trigger refuses, and no table waits for another.
        connection.execute("SET LOCAL session_replication_role = replica")
        for (table,) in connection.execute(OUR_TABLES).fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return one_database


@pytest.fixture(params=["memory", "postgres"])
async def doors(request: pytest.FixtureRequest) -> AsyncIterator[Doors]:
    if request.param == "memory":
        memory = MemoryDatabase(SystemClock())
        yield Doors(memory.begin, memory.begin)
        return
    database: Database = request.getfixturevalue("emptied_database")
    served, working = (
        PostgresDatabase(
            url, work=PostgresWork, clock=SystemClock(), ids=SystemIds(), secrets=RING, pool_size=4
        )
        for url in (database.app_url, database.worker_url)
    )
    yield Doors(served.begin, working.begin)
    await served.close()
    await working.close()


@pytest.fixture
def begin(doors: Doors) -> Begin[Work]:
    """An actor's transactions as the HTTP server opens them; Plimsoll's own as a worker does."""
    return doors.begin


@pytest.fixture
def stranger(doors: Doors) -> Callable[[], AbstractAsyncContextManager[Work]]:
    """What the HTTP server may do before it knows who asks."""
    return doors.stranger


@pytest.fixture
async def people(begin: Begin[Work]) -> tuple[UserId, UserId]:
    """Ada and Bob, who have accounts."""
    ids: list[UserId] = []
    for change in (registered("ada"), registered("bob")):
        async with begin(change.state.id) as work:
            await work.users.record(change)
        ids.append(change.state.id)
    return ids[0], ids[1]
