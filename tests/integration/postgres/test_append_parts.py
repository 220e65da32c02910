import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import LiteralString

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import IDS, ME, SOMEBODY, alert, sent
from tests.integration.postgres.partitions import use_small_partitions
from tests.integration.postgres.test_commits import verified

from adapters.codec.errors import UnstorableFact
from adapters.postgres.ids import adapters
from adapters.postgres.log import append as appending
from adapters.postgres.urls import conninfo
from application.shared.ports import Place
from application.shared.requests import KeyReused
from domain.shared.errors import StaleWrite, Unavailable
from domain.shared.ids import AlertId, Id


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "FIRST_PART", 20)
    monkeypatch.setattr(appending, "PART", 30)


async def test_part_by_part_the_same_is_written_as_at_once(worker: LogDatabase, database: Database) -> None:
    streams = [alert() for _ in range(40)]
    await write(worker, streams, 0, 2)
    await write(worker, streams[:30], 2, 3)
    await write(worker, [alert()], 0, 19)
    await write(worker, [alert()], 0, 20)
    assert verified(database) == [80, 90, 19, 20]
    async with worker.begin(None) as work:
        for stream in streams:
            found = await work.facts.of(stream)
            assert [one.fact for one in found] == [sent(stream)] * len(found)


async def test_a_commit_in_parts_may_run_through_several_partitions(
    worker: LogDatabase, database: Database
) -> None:
    use_small_partitions(database.admin_url, 20)
    await write(worker, [alert()], 0, 130)
    assert verified(database) == [130]


async def test_a_stale_stream_is_refused_and_nothing_is_written(worker: LogDatabase) -> None:
    stale, other = alert(), alert()
    await write(worker, [stale], 0, 1)
    with pytest.raises(StaleWrite):
        await write(worker, [other, stale], 0, 40)
    async with worker.begin(None) as work:
        assert await work.facts.last() == 1
    await write(worker, [other], 0, 60)


async def test_whose_a_stream_is_was_said_by_its_first_fact(worker: LogDatabase, app: LogDatabase) -> None:
    mine, theirs = alert(), alert()
    async with worker.begin(None) as work:
        work.facts.append(mine, 0, [sent(mine)] * 30)
        work.facts.append(theirs, 0, [sent(theirs, to=SOMEBODY), *[sent(theirs)] * 30])
    async with app.begin(ME) as work:
        work.facts.append(mine, 30, [sent(mine)])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await write_as_me(app, theirs, 31)


async def test_a_later_part_that_is_refused_undoes_the_earlier_ones(worker: LogDatabase) -> None:
    stale = alert()
    await write(worker, [stale], 0, 1)
    async with worker.begin(None) as work:
        work.facts.append(alert(), 0, [sent(alert())] * 60)
        work.facts.append(stale, 0, [sent(stale)])
        with pytest.raises(StaleWrite):
            await work.facts.flush()
        assert await work.facts.last() == 1


async def test_what_cannot_be_stored_in_a_later_part_undoes_the_earlier_ones(worker: LogDatabase) -> None:
    stream = alert()
    with pytest.raises(UnstorableFact):
        async with worker.begin(None) as work:
            work.facts.append(stream, 0, [*[sent(stream)] * 60, object()])
    async with worker.begin(None) as work:
        assert await work.facts.last() == 0
    await write(worker, [stream], 0, 60)


async def test_a_user_appends_many_facts_of_his_own_and_none_of_others(
    app: LogDatabase, database: Database
) -> None:
    mine, theirs = alert(), alert()
    async with app.begin(ME) as work:
        work.facts.append(mine, 0, [sent(mine)] * 60)
    assert verified(database) == [60]
    async with app.begin(ME) as work:
        work.facts.append(mine, 60, [sent(mine)] * 60)
        work.facts.append(theirs, 0, [sent(theirs, to=SOMEBODY)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await work.facts.flush()
    assert verified(database) == [60]


async def test_whoever_gives_up_on_a_server_that_takes_no_more_does_not_wait_for_it(
    worker: LogDatabase,
) -> None:
    stream = alert()

    async def given_up() -> None:
        async with worker.begin(None) as work:
            work.facts.append(stream, 0, [sent(stream)] * 20_000)
            driver = await work.driver()
            with standing_still(driver.info.backend_pid):
                async with asyncio.timeout(0.5):
                    await work.facts.flush()

    with pytest.raises((TimeoutError, Unavailable)):
        await asyncio.wait_for(given_up(), 30)
    await write(worker, [stream], 0, 60)
    async with worker.begin(None) as work:
        assert await work.facts.last() == 60


_PART = """
SELECT append_part(
    ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[1], ARRAY[NULL::uuid], ARRAY['{}'::bytea],
    ARRAY[NULL::bytea], ARRAY['alert.sent.v1'], NULL, NULL, '2026-01-01Z'
)
"""
_CONCLUDE = "SELECT conclude_append(1, sha256(''), NULL, NULL)"


@pytest.mark.parametrize("before", ["SELECT 1", "SET CONSTRAINTS ALL IMMEDIATE", "SAVEPOINT here"])
def test_facts_whose_commit_was_not_concluded_are_never_committed(
    database: Database, before: LiteralString
) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="was not concluded"):
        perform(database, before, _PART)
    assert facts_in(database) == 0


@pytest.mark.parametrize(
    "statements",
    [[_CONCLUDE], [_PART, _PART, _CONCLUDE], [_PART, _PART.replace("2026-01-01Z", "2026-01-02Z")]],
)
def test_a_commit_is_concluded_with_all_its_facts_of_one_time(
    database: Database, statements: list[LiteralString]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        perform(database, *statements)
    assert facts_in(database) == 0


def test_one_commit_after_another_is_concluded_in_a_transaction(database: Database) -> None:
    perform(database, _PART, _CONCLUDE, _PART, _CONCLUDE)
    assert facts_in(database) == 2


async def test_a_key_holds_for_many_facts_too(worker: LogDatabase) -> None:
    stream, key = alert(), IDS.new()
    facts = [("alert.sent.v1", b"{}")] * 70
    entries = appending.prepared(stream, 0, facts, ids=IDS, at=sent(stream).at, key=key).entries
    places = []
    for _ in range(2):
        async with worker.begin(None) as work:
            places.append(await appending.append(await work.driver(), entries, key=key))
        await write(worker, [alert()], 0, 1)
    assert places == [Place(1), Place(1)]
    with pytest.raises(KeyReused):
        async with worker.begin(None) as work:
            await appending.append(await work.driver(), entries[:50], key=key)


async def write(worker: LogDatabase, streams: Sequence[AlertId], expected: int, facts: int) -> None:
    async with worker.begin(None) as work:
        for stream in streams:
            work.facts.append(stream, expected, [sent(stream)] * facts)


async def write_as_me(app: LogDatabase, stream: Id, expected: int) -> None:
    async with app.begin(ME) as work:
        work.facts.append(stream, expected, [sent(AlertId(stream))])


@contextmanager
def standing_still(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def perform(database: Database, *statements: LiteralString) -> None:
    with closing(psycopg.connect(conninfo(database.worker_url), context=adapters())) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def facts_in(database: Database) -> int:
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        [[count]] = connection.execute("SELECT count(*) FROM events").fetchall()
    assert isinstance(count, int)
    return count
