import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase, Open
from tests.integration.postgres.facts import alert, sent

from adapters.postgres.urls import conninfo, parsed
from application.shared.ports import Place
from domain.shared.errors import StaleWrite, Unavailable


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://plimsoll_app:hunter2@127.0.0.1:1/plimsoll",
        "postgresql://plimsoll_app:hunter2@/plimsoll?host=/nowhere/at/all",
    ],
)
async def test_a_database_that_is_down_gets_a_sentence_without_the_password(
    open_database: Open, url: str
) -> None:
    database = await open_database(url)
    with pytest.raises(Unavailable, match="The database does not answer") as refused:
        await last(database)
    assert "hunter2" not in str(refused.value)


async def test_a_database_or_role_that_is_missing_gets_a_sentence(
    open_database: Open, database: Database
) -> None:
    for wrong in ({"database": "nothing_here"}, {"username": "nobody_here"}):
        url = parsed(database.app_url).set(**wrong)  # type: ignore[arg-type]
        missing = await open_database(url.render_as_string(hide_password=False))
        with pytest.raises(Unavailable, match="refuses the user, the password or the name"):
            await last(missing)


async def test_connections_that_the_server_closed_are_replaced_unnoticed(
    worker: LogDatabase, database: Database
) -> None:
    await asyncio.gather(*(last(worker) for _ in range(4)))
    close_connections(database)
    assert await asyncio.gather(*(last(worker) for _ in range(4))) == [0, 0, 0, 0]


@pytest.mark.parametrize("pause", ["before the facts are written", "after they are written"])
async def test_a_database_that_dies_midway_gets_a_sentence_and_loses_nothing(
    worker: LogDatabase, database: Database, pause: str
) -> None:
    stream = alert()

    async def interrupted() -> None:
        async with worker.begin(None) as work:
            work.facts.append(stream, 0, [sent(stream)])
            if pause.startswith("after"):
                await work.facts.flush()
            close_connections(database)

    with pytest.raises(Unavailable):
        await interrupted()
    async with worker.begin(None) as work:
        assert await work.facts.last() == 0
        work.facts.append(stream, 0, [sent(stream)])
    assert await last(worker) == 1


async def test_a_transaction_that_finds_no_free_connection_is_refused(
    open_database: Open, database: Database
) -> None:
    narrow = await open_database(database.app_url, pool_size=1, patience=0.05)
    async with narrow.begin(None):
        with pytest.raises(Unavailable):
            await last(narrow)
    assert await last(narrow) == 0


async def test_a_server_that_is_full_gets_a_sentence(open_database: Open, database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        name = psycopg.sql.Identifier(parsed(database.admin_url).database or "")
        connection.execute(psycopg.sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 0").format(name))
    full = await open_database(database.app_url)
    with pytest.raises(Unavailable, match="does not answer"):
        await last(full)


async def test_a_lock_that_is_held_too_long_gets_a_sentence(worker: LogDatabase) -> None:
    async def impatient() -> None:
        async with worker.begin(None) as work:
            await work.connection.execute(text("SET LOCAL lock_timeout = '30ms'"))
            stream = alert()
            work.facts.append(stream, 0, [sent(stream)])

    async with worker.begin(None) as work:
        stream = alert()
        work.facts.append(stream, 0, [sent(stream)])
        await work.facts.flush()
        with pytest.raises(Unavailable):
            await impatient()
    assert await last(worker) == 1


async def test_a_row_that_somebody_else_made_first_is_a_stale_write(worker: LogDatabase) -> None:
    async def twice() -> None:
        async with worker.begin(None) as work:
            for _ in range(2):
                await work.connection.execute(
                    text("INSERT INTO checkpoints (name, position) VALUES ('detect', 0)")
                )

    with pytest.raises(StaleWrite):
        await twice()


async def test_a_mistake_of_ours_is_not_taken_for_an_outage(worker: LogDatabase) -> None:
    async def mistaken() -> None:
        async with worker.begin(None) as work:
            await work.connection.execute(text("SELECT * FROM nothing_here"))

    with pytest.raises(ProgrammingError):
        await mistaken()


async def test_a_checkpoint_never_goes_back(worker: LogDatabase) -> None:
    async def move(place: int) -> None:
        async with worker.begin(None) as work:
            await work.checkpoints.hold("detect")
            await work.checkpoints.move("detect", Place(place))

    await move(7)
    with pytest.raises(StaleWrite):
        await move(6)
    async with worker.begin(None) as work:
        assert await work.checkpoints.hold("detect") == 7


async def last(database: LogDatabase) -> Place:
    async with database.begin(None) as work:
        return await work.facts.last()


def close_connections(database: Database) -> None:
    """Do what a restart of the server does to everybody who is connected."""
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute(
            """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
