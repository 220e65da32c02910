import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import ME, SOMEBODY, alert, sent
from tests.integration.postgres.partitions import use_small_partitions

from adapters.postgres.urls import conninfo
from application.shared.ports import Place
from domain.shared.ids import AlertId

SIZE = 10


@pytest.fixture(autouse=True)
def _small(database: Database) -> None:
    use_small_partitions(database.admin_url, SIZE)


async def test_a_log_that_outgrows_its_partitions_makes_its_own(
    worker: LogDatabase, database: Database
) -> None:
    streams = [await write(worker) for _ in range(SIZE * 3 + 1)]
    assert parts(database) == [(1, 11), (11, 21), (21, 31), (31, 41)]
    async with worker.begin(None) as work:
        found = await work.facts.after(Place(0), limit=100)
    assert [recorded.stream for recorded in found] == streams


async def test_one_commit_may_run_through_several_partitions(worker: LogDatabase, database: Database) -> None:
    await write(worker, SIZE * 4 + 5)
    assert parts(database)[-1] == (41, 51)
    assert counts(database) == [10, 10, 10, 10, 5]


async def test_a_stream_goes_on_in_the_next_partition(worker: LogDatabase, app: LogDatabase) -> None:
    stream = await write(worker, SIZE - 1)
    for expected in range(SIZE - 1, SIZE + 3):
        await write_on(app, stream, expected)
    async with app.begin(ME) as work:
        history = await work.facts.of(stream)
    assert [recorded.version for recorded in history] == list(range(1, SIZE + 4))


def test_partitions_are_made_ahead_once(database: Database) -> None:
    with psycopg.connect(conninfo(database.worker_url)) as connection:
        assert connection.execute("SELECT ensure_event_partitions()").fetchone() == (0,)
        assert connection.execute("SELECT ensure_event_partitions(45)").fetchone() == (4,)
    assert parts(database)[-1] == (41, 51)


def test_the_http_server_makes_no_partitions_and_nobody_makes_very_many(database: Database) -> None:
    with (
        psycopg.connect(conninfo(database.app_url)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT ensure_event_partitions()")
    with (
        psycopg.connect(conninfo(database.worker_url)) as connection,
        pytest.raises(psycopg.errors.InvalidParameterValue, match="ten of them ahead"),
    ):
        connection.execute("SELECT ensure_event_partitions(1000)")


@pytest.mark.parametrize("role", ["plimsoll_owner", "postgres"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET type = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_nobody_rewrites_a_partition_by_mistake(
    worker: LogDatabase, database: Database, role: str, statement: str
) -> None:
    await write(worker, SIZE + 1)
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute("SELECT ensure_event_partitions()")
        connection.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(role)))
        for part in ("events_from_1", "events_from_11", "events_from_21"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.format(part).encode())


async def test_a_partition_that_was_detached_leaves_its_streams_to_their_owners(
    worker: LogDatabase, app: LogDatabase, database: Database
) -> None:
    stream, theirs = await write(worker, SIZE + 1), alert()
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute("ALTER TABLE events DETACH PARTITION events_from_1")
    await write_on(app, stream, SIZE + 1)
    async with worker.begin(None) as work:
        work.facts.append(theirs, 0, [sent(theirs, to=SOMEBODY)])
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute("ALTER TABLE events DETACH PARTITION events_from_11")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await write_on(app, theirs, 1)


async def write(worker: LogDatabase, facts: int = 1) -> AlertId:
    stream = alert()
    async with worker.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)] * facts)
    return stream


async def write_on(database: LogDatabase, stream: AlertId, expected: int) -> None:
    async with database.begin(ME) as work:
        work.facts.append(stream, expected, [sent(stream)])


def parts(database: Database) -> list[tuple[int, int]]:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        bounds = connection.execute(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class "
            "WHERE relispartition AND relname LIKE 'events\\_from\\_%' AND relkind = 'r'"
        ).fetchall()
    return sorted((int(bound.split("'")[1]), int(bound.split("'")[3])) for (bound,) in bounds)


def counts(database: Database) -> list[int]:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        found = connection.execute(
            "SELECT (position - 1) / 10, count(*) FROM events GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return [count for _, count in found]
