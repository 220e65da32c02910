import asyncio

import psycopg
import pytest
from sqlalchemy import text
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase, Open
from tests.integration.postgres.facts import alert, sent

from adapters.postgres.timeouts import TIMEOUTS, timed, timed_conninfo
from adapters.postgres.urls import conninfo, parsed
from domain.shared.errors import Unavailable


@pytest.fixture
def careless(database: Database) -> Database:
    """A database whose administrator gave its roles no timeouts."""
    name = parsed(database.admin_url).database or ""
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        for role in ("plimsoll_app", "plimsoll_worker"):
            for setting in TIMEOUTS:
                connection.execute(
                    psycopg.sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = 0").format(
                        *map(psycopg.sql.Identifier, (role, name, setting))
                    )
                )
    return database


async def test_a_session_has_its_timeouts_whatever_its_role_was_given(
    open_database: Open, careless: Database
) -> None:
    for url in (careless.app_url, careless.worker_url):
        opened = await open_database(url)
        async with opened.begin(None) as work:
            found = [await work.connection.scalar(text(f"SHOW {setting}")) for setting in TIMEOUTS]
        assert found == ["10s", "1min"]
        with psycopg.connect(timed_conninfo(conninfo(url))) as connection:
            assert connection.execute("SHOW lock_timeout").fetchone() == ("10s",)


def test_what_the_address_says_of_timeouts_stands(careless: Database) -> None:
    url = parsed(careless.worker_url).update_query_dict({"options": "-c lock_timeout=3s"})
    with psycopg.connect(conninfo(timed(url))) as connection:
        assert connection.execute("SHOW lock_timeout").fetchone() == ("3s",)
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)


async def test_who_waits_for_the_log_for_too_long_gets_a_sentence(
    open_database: Open, database: Database
) -> None:
    impatient = await open_database(with_option(database.worker_url, "lock_timeout=50ms"))
    with psycopg.connect(conninfo(database.worker_url)) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(1347177729)")
        with pytest.raises(Unavailable, match="The database does not answer"):
            await write(impatient)
    await write(impatient)


async def test_a_transaction_that_idles_for_too_long_is_ended_with_a_sentence(
    open_database: Open, database: Database
) -> None:
    hurried = await open_database(
        with_option(database.worker_url, "idle_in_transaction_session_timeout=50ms")
    )
    with pytest.raises(Unavailable, match="The database does not answer"):
        await write(hurried, pause=0.3)
    await write(hurried)


def with_option(url: str, option: str) -> str:
    return parsed(url).update_query_dict({"options": f"-c {option}"}).render_as_string(hide_password=False)


async def write(database: LogDatabase, *, pause: float = 0) -> None:
    stream = alert()
    async with database.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
        await asyncio.sleep(pause)
