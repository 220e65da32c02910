import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import IDS, ME, alert, sent

from adapters.postgres.ids import adapters
from adapters.postgres.log.appender.appender import PostgresAppender
from adapters.postgres.log.appender.session import APPLICATION
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.shared.appender import AppendTooLarge, Unanswered
from application.shared.correlation import correlation
from application.shared.ports import Place
from domain.shared.errors import Unavailable

PAYLOAD = b'{"x":1}'


@pytest.fixture
async def appender(database: Database) -> AsyncIterator[PostgresAppender]:
    made = PostgresAppender(database.worker_url, SystemClock(), SystemIds())
    yield made
    await made.close()


async def test_those_who_come_together_share_a_commit(appender: PostgresAppender, database: Database) -> None:
    await append(appender)
    await asyncio.gather(*(append(appender) for _ in range(64)))
    assert rows(database, "SELECT number, first_position, event_count FROM commits ORDER BY number") == [
        (1, 1, 1),
        (2, 2, 64),
    ]


async def test_facts_carry_the_cause_and_the_user_of_their_own_caller(
    appender: PostgresAppender, database: Database
) -> None:
    causes = [IDS.new() for _ in range(5)]

    async def one(number: int) -> Place:
        correlation.set(causes[number])
        return await append(appender)

    places = await asyncio.gather(*(one(number) for number in range(5)))
    found = rows(database, "SELECT position, correlation_id, user_id FROM events")
    assert sorted(found) == sorted((place, cause, ME) for place, cause in zip(places, causes, strict=True))


async def test_no_append_is_lost_or_doubled_when_the_server_drops_the_connection_again_and_again(
    appender: PostgresAppender, database: Database, worker: LogDatabase
) -> None:
    done, dropped = asyncio.Event(), 0

    async def drop() -> None:
        nonlocal dropped
        with psycopg.connect(conninfo(database.admin_url), context=adapters(), autocommit=True) as admin:
            while not done.is_set():
                await asyncio.sleep(0.02)
                dropped += admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = %s AND datname = current_database()",
                    [APPLICATION],
                ).rowcount

    async def caller() -> list[Place]:
        stream, found = alert(), list[Place]()
        while len(found) < 15 or dropped < 3:
            found.append(await appender.append(stream, len(found), [sent(stream)]))
        return found

    dropping = asyncio.create_task(drop())
    places = [place for found in await asyncio.gather(*(caller() for _ in range(16))) for place in found]
    done.set()
    await dropping
    assert sorted(places) == list(range(1, len(places) + 1))
    async with worker.begin(None) as work:
        assert await work.facts.last() == len(places)


async def test_a_database_that_stays_away_is_told_with_the_key_to_ask_again_with(database: Database) -> None:
    key, stream = IDS.new(), alert()
    away = database.worker_url.replace("port=5432", "port=5431")
    impatient = PostgresAppender(away, SystemClock(), SystemIds(), patience=0.2)
    with pytest.raises(Unanswered, match=f"with the key {key}"):
        await impatient.append(stream, 0, [sent(stream)], key=key)
    await impatient.close()


async def test_a_database_that_does_not_move_is_told_in_time_and_written_to_once(
    database: Database, worker: LogDatabase
) -> None:
    key, stream = IDS.new(), alert()
    impatient = PostgresAppender(database.worker_url, SystemClock(), SystemIds(), patience=0.2)
    with psycopg.connect(conninfo(database.worker_url), context=adapters()) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(1347177729)")
        with pytest.raises(Unanswered):
            await impatient.append(stream, 0, [sent(stream)], key=key)
    assert await impatient.append(stream, 0, [sent(stream)], key=key) == 1
    await impatient.close()
    async with worker.begin(None) as work:
        assert await work.facts.last() == 1


async def test_a_full_queue_keeps_callers_waiting_and_drops_none(database: Database) -> None:
    narrow = PostgresAppender(database.worker_url, SystemClock(), SystemIds(), most_facts=8)
    with psycopg.connect(conninfo(database.worker_url), context=adapters()) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(1347177729)")  # nothing gets on record for the moment
        waiting = [asyncio.create_task(append(narrow)) for _ in range(100)]
        await asyncio.sleep(0.2)
        assert len(narrow._queue._held) == 8
        assert not any(one.done() for one in waiting)
        for one in waiting[50:60]:
            one.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert sorted(one for one in outcomes if isinstance(one, int)) == list(range(1, 91))
    await narrow.close()


async def test_bytes_are_bounded_as_facts_are(database: Database) -> None:
    narrow = PostgresAppender(database.worker_url, SystemClock(), SystemIds(), most_bytes=10 * len(PAYLOAD))
    fact = ("alert.sent.v1", PAYLOAD, ME)
    places = await asyncio.gather(*(narrow.append_encoded(alert(), 0, [fact] * 4) for _ in range(20)))
    assert sorted(places) == list(range(1, 81, 4))
    with pytest.raises(AppendTooLarge, match="An append of 77 bytes is too large; 70 are taken"):
        await narrow.append_encoded(alert(), 0, [fact] * 11)
    await narrow.close()


async def test_what_one_caller_did_wrong_is_no_fault_of_the_others(appender: PostgresAppender) -> None:
    good = ("alert.sent.v1", PAYLOAD, None)
    outcomes = await asyncio.gather(
        appender.append_encoded(alert(), 0, [good]),
        appender.append_encoded(alert(), 0, [("no name of ours", PAYLOAD, None)]),
        appender.append_encoded(alert(), 0, [good]),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in outcomes] == ["int", "CheckViolation", "int"]


async def test_users_do_not_come_in_this_way(database: Database) -> None:
    stranger = PostgresAppender(database.app_url, SystemClock(), SystemIds(), patience=0.2)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await append(stranger)
    await stranger.close()


async def test_the_database_may_be_away_when_it_is_closed(database: Database) -> None:
    away = database.worker_url.replace("port=5432", "port=5431")
    made = PostgresAppender(away, SystemClock(), SystemIds(), patience=0.1)
    waiting = asyncio.ensure_future(append(made))
    await asyncio.sleep(0)
    await made.close()
    with pytest.raises(Unavailable):
        await waiting


async def append(appender: PostgresAppender) -> Place:
    stream = alert()
    return await appender.append(stream, 0, [sent(stream)])


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        return connection.execute(query.encode()).fetchall()
