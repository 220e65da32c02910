import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import alert, sent
from tests.integration.postgres.test_outages import close_connections

from adapters.postgres.log.listening import news

LONG = timedelta(seconds=60)


async def test_a_commit_wakes_the_listener_at_once(worker: LogDatabase, database: Database) -> None:
    async with aclosing(listening(database, LONG)) as wakes:
        await woken(wakes)
        await write(worker)
        await woken(wakes)


async def test_many_commits_may_be_one_wake(worker: LogDatabase, database: Database) -> None:
    async with aclosing(listening(database, LONG)) as wakes:
        await woken(wakes)
        for _ in range(20):
            await write(worker)
        await woken(wakes)


async def test_without_any_news_the_listener_wakes_after_a_while(database: Database) -> None:
    async with aclosing(listening(database, timedelta(milliseconds=20))) as wakes:
        for _ in range(5):
            await woken(wakes)


async def test_a_listener_whose_connection_broke_wakes_and_listens_again(
    worker: LogDatabase, database: Database
) -> None:
    async with aclosing(listening(database, LONG)) as wakes:
        await woken(wakes)
        close_connections(database)
        await woken(wakes)
        await write(worker)
        await woken(wakes)


async def test_a_listener_without_a_database_goes_on_asking() -> None:
    wakes = news("postgresql://nobody@127.0.0.1:1/nothing", poll=timedelta(milliseconds=10))
    async with aclosing(wakes):
        for _ in range(3):
            await woken(wakes)


def listening(database: Database, poll: timedelta) -> AsyncGenerator[None]:
    return news(database.worker_url, poll=poll)


async def woken(wakes: AsyncGenerator[None]) -> None:
    async with asyncio.timeout(10):
        await anext(wakes)


async def write(database: LogDatabase) -> None:
    stream = alert()
    async with database.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
