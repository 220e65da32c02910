from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import IDS, ME, SOMEBODY, alert, sent
from tests.integration.postgres.partitions import use_small_partitions
from tests.integration.postgres.test_commits import verified

from adapters.postgres import append as appending
from adapters.postgres.urls import conninfo
from application.shared.ports import Place
from domain.shared.errors import StaleWrite
from domain.shared.ids import AlertId


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "LARGE", 50)


async def test_by_copy_the_same_is_written_as_without(worker: LogDatabase, database: Database) -> None:
    streams = [alert() for _ in range(40)]
    await write(worker, streams, 0, 2)
    await write(worker, streams[:30], 2, 3)
    await write(worker, [alert()], 0, 49)
    assert verified(database) == [80, 90, 49]
    async with worker.begin(None) as work:
        for stream in streams:
            found = await work.facts.of(stream)
            assert [one.fact for one in found] == [sent(stream)] * len(found)


async def test_a_commit_by_copy_may_run_through_several_partitions(
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


async def test_a_user_with_many_facts_goes_in_without_copy(app: LogDatabase) -> None:
    stream = alert()
    async with app.begin(ME) as work:
        work.facts.append(stream, 0, [sent(stream)] * 60)
    async with app.begin(ME) as work:
        assert await work.facts.last() == 60


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM pg_temp.incoming_facts",
        "DELETE FROM pg_temp.incoming_facts",
        "DROP TABLE pg_temp.incoming_facts",
        "ALTER TABLE pg_temp.incoming_facts ENABLE ROW LEVEL SECURITY",
    ],
)
def test_what_is_staged_can_neither_be_read_nor_replaced(
    database: Database, statement: LiteralString
) -> None:
    with psycopg.connect(conninfo(database.worker_url)) as connection:
        connection.execute("SELECT stage_facts()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_table_of_ones_own_is_not_taken_for_the_staged_one(database: Database) -> None:
    with psycopg.connect(conninfo(database.worker_url)) as connection:
        connection.execute("CREATE TEMPORARY TABLE incoming_facts (n bigint)")
        connection.execute("SELECT stage_facts()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"not staged by stage_facts"):
            connection.execute("SELECT append_staged_facts('{}', NULL, NULL, NULL, now(), NULL)")


@pytest.mark.parametrize(
    "call", ["stage_facts()", "append_staged_facts('{}', NULL, NULL, NULL, now(), NULL)"]
)
def test_the_http_server_stages_nothing(database: Database, call: LiteralString) -> None:
    with (
        psycopg.connect(conninfo(database.app_url)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT {call}")


async def test_a_key_holds_for_large_appends_too(worker: LogDatabase) -> None:
    stream, key = alert(), IDS.new()
    entries = appending.prepared(
        stream, 0, [("alert.sent.v1", b"{}")] * 70, ids=IDS, at=sent(stream).at, key=key
    ).entries
    places = []
    for _ in range(2):
        async with worker.begin(None) as work:
            places.append(await appending.append(await work.driver(), entries, key=key, fingerprint=b"same"))
        await write(worker, [alert()], 0, 1)
    assert places == [Place(1), Place(1)]


async def write(worker: LogDatabase, streams: Sequence[AlertId], expected: int, facts: int) -> None:
    async with worker.begin(None) as work:
        for stream in streams:
            work.facts.append(stream, expected, [sent(stream)] * facts)


async def write_as_me(app: LogDatabase, stream: UUID, expected: int) -> None:
    async with app.begin(ME) as work:
        work.facts.append(stream, expected, [sent(AlertId(stream))])
