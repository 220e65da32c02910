import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import psycopg
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg import sql
from sqlalchemy import text
from tests.contract.conftest import OUR_TABLES
from tests.fixtures.database import Database
from tests.integration.log.machine import LogMachine, System

from adapters.memory.appender import MemoryAppender
from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.memory.store import Store
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log.appender.appender import PostgresAppender
from adapters.postgres.log.facts import PostgresFacts
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.ids import SystemIds
from application.audit.ports import AuditWork
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId

EXAMPLES = int(os.environ.get("PLIMSOLL_TEST_LOG_EXAMPLES", "10"))
STEPS = 20


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(params=["memory", "postgres"])
def system(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[System]:
    if request.param == "memory":
        yield in_memory(runner)
        return
    database: Database = request.getfixturevalue("database")
    clock, ids = ManualClock(), SystemIds()
    served, working = (
        PostgresDatabase(url, work=PostgresWork, clock=clock, ids=ids, pool_size=3)
        for url in (database.app_url, database.worker_url)
    )

    appender = PostgresAppender(database.worker_url, clock, ids)

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[AuditWork]:
        return working.begin(None) if actor is None else served.begin(actor)

    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as admin:
        yield System(
            runner.run,
            begin,
            clock,
            lambda: empty(admin),
            terminated(admin),
            appender,
            lambda: disconnect(admin),
        )
    runner.run(appender.close())
    runner.run(served.close())
    runner.run(working.close())


@pytest.mark.timeout(600)
def test_the_log_does_what_a_list_would_whatever_is_done_to_it(system: System) -> None:
    class Driven(LogMachine):
        def __init__(self) -> None:
            super().__init__(system)

    run_state_machine_as_test(Driven, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))


def in_memory(runner: asyncio.Runner) -> System:
    clock = ManualClock()
    database = MemoryDatabase(clock)

    def empty() -> None:
        database.store = Store(clock)

    async def crash(work: AuditWork, sent: bool) -> None:
        raise Unavailable(f"The memory is gone ({work.facts}, {sent}).")

    return System(runner.run, database.begin, clock, empty, crash, MemoryAppender(database), lambda: None)


def empty(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """Leave the tables as they were when they were made, as a replica would: no trigger refuses."""
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        for (table,) in admin.execute(OUR_TABLES).fetchall():
            admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(str(table))))


def terminated(admin: psycopg.Connection[tuple[object, ...]]) -> Callable[[AuditWork, bool], Awaitable[None]]:
    async def crash(work: AuditWork, sent: bool) -> None:
        assert isinstance(work, PostgresWork)
        assert isinstance(work.facts, PostgresFacts)
        pid = await work.connection.scalar(text("SELECT pg_backend_pid()"))
        if sent:
            await work.facts.flush()
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        await work.connection.execute(text("SELECT 1"))

    return crash


def disconnect(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """Do what a restart of the server does to everybody who is connected."""
    admin.execute(
        """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    )
