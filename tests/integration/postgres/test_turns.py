"""Whether streams continue is told in passing, with little remembered of each: what is forgotten is looked up."""

import random

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.facts import alert, sent

from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log import copied_turns
from adapters.postgres.log.copied_turns import not_continued
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.ids import SystemIds
from application.shared.ports import Place

EVENTS = 60


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied_turns, "RUN", 4)
    monkeypatch.setattr(copied_turns, "SEGMENT", 12)
    monkeypatch.setattr(copied_turns, "RECENT", 2)


async def test_streams_that_continue_are_not_named(database: Database) -> None:
    await write(database)
    assert await found(database) == []
    assert await found(database, after=25) == []


@pytest.mark.parametrize("after", [0, 25])
async def test_a_fact_out_of_turn_is_named_with_what_was_due(database: Database, after: int) -> None:
    await write(database)
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE events SET version = version + 7 WHERE position = 40")
        row = connection.execute("SELECT version - 7, stream_id FROM events WHERE position = 40").fetchone()
        assert row is not None
        due, stream = row
    [first, *_] = await found(database, after=after)
    assert first == (40, stream, due + 7, due)


async def test_a_stream_that_begins_again_is_named(database: Database) -> None:
    await write(database)
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DROP INDEX idx_events_from_1_stream_id_version")
        connection.execute(
            "UPDATE events SET version = 1, stream_id = (SELECT stream_id FROM events WHERE position = 1) "
            "WHERE position = 60"
        )
    named = await found(database)
    assert named[-1][0] == 60
    assert named[-1][2] == 1
    assert named[-1][3] > 1


async def test_what_lies_behind_a_cut_is_told_from_there_alone(database: Database) -> None:
    await write(database)
    url = conninfo(database.worker_url)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await not_continued(connection, cut=Place(25), after=Place(25), until=Place(EVENTS))
    assert len({stream for _, stream, _, _ in rows}) == len(rows) == 8
    assert {due for _, _, _, due in rows} == {1}


async def write(database: Database) -> None:
    """Continue one of eight streams with each fact."""
    chance, streams = random.Random(3), [alert() for _ in range(8)]
    versions = dict.fromkeys(streams, 0)
    opened = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=ManualClock(), ids=SystemIds(), pool_size=1
    )
    async with opened.begin(None) as work:
        for _ in range(EVENTS):
            stream = chance.choice(streams)
            work.facts.append(stream, versions[stream], [sent(stream)])
            versions[stream] += 1
    await opened.close()


async def found(database: Database, *, after: int = 0) -> list[copied_turns.Turn]:
    url = conninfo(database.worker_url)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await not_continued(connection, cut=Place(0), after=Place(after), until=Place(EVENTS))
