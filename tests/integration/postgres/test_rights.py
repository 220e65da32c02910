from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from tests.fixtures.database import Database, Server
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import ME, SOMEBODY, alert, sent

from adapters.codec.events import encode
from adapters.postgres.roles import APP, OWNER, WORKER
from adapters.postgres.urls import conninfo
from application.shared.ports import Place
from domain.identity.events import UserDeleted
from domain.shared.ids import Id, UserId

FORBIDDEN: list[LiteralString] = [
    "UPDATE events SET type = 'alert.failed.v1'",
    "DELETE FROM events",
    "TRUNCATE events",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE commits SET root = chain",
    "DELETE FROM commits",
    "TRUNCATE commits",
    "INSERT INTO commits SELECT * FROM commits",
    "UPDATE streams SET version = version + 1",
    "INSERT INTO streams VALUES (gen_random_uuid(), 1)",
    "DELETE FROM checkpoints",
    "DROP TABLE events",
    "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE events DISABLE TRIGGER refuse_rewriting",
    "CREATE TABLE mine (column_of_mine int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "UPDATE alembic_version SET version_num = '0000'",
    "SET ROLE plimsoll_owner",
    "SET SESSION AUTHORIZATION plimsoll_owner",
    "SET ROLE postgres",
]
FORBIDDEN_TO_THE_APP: list[LiteralString] = [
    "SET ROLE plimsoll_worker",
    "SET SESSION AUTHORIZATION plimsoll_worker",
    "INSERT INTO checkpoints (name, position) VALUES ('x', 1)",
    "UPDATE checkpoints SET position = 7",
    "SELECT * FROM streams",
    "INSERT INTO operators SELECT * FROM operators",
    "UPDATE operators SET dismissed_at = NULL",
    "DELETE FROM operators",
    "DELETE FROM audit_jobs",
    "SELECT * FROM append_keys",
    "SELECT * FROM procrastinate_jobs",
    "DELETE FROM procrastinate_jobs",
]


@pytest.fixture(scope="module")
def untouched(database_server: Server, migrated_template: str) -> Iterator[Database]:
    """One database for all that is refused."""
    with database_server.database(migrated_template) as database:
        yield database


@pytest.fixture
async def theirs(worker: LogDatabase) -> UserId:
    """Somebody else who has a fact in the log."""
    stream = alert()
    async with worker.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream, to=SOMEBODY)])
    return SOMEBODY


@pytest.mark.parametrize("statement", [*FORBIDDEN, *FORBIDDEN_TO_THE_APP])
def test_the_http_server_may_not(untouched: Database, statement: LiteralString) -> None:
    refuse(untouched.app_url, statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_worker_may_not(untouched: Database, statement: LiteralString) -> None:
    refuse(untouched.worker_url, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'alert.failed.v1'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE commits SET root = chain",
        "DELETE FROM commits",
        "TRUNCATE commits",
    ],
)
@pytest.mark.parametrize("role", [OWNER, "postgres"])
def test_not_even_owner_and_superuser_rewrite_the_log_by_mistake(
    untouched: Database, role: str, statement: LiteralString
) -> None:
    with psycopg.connect(conninfo(untouched.admin_url)) as connection:
        connection.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(role)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_none_of_the_roles_is_a_superuser_or_passes_policies_by(untouched: Database) -> None:
    with psycopg.connect(conninfo(untouched.admin_url)) as connection:
        found = connection.execute(
            """SELECT rolname, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
            FROM pg_roles WHERE rolname LIKE 'plimsoll%'"""
        ).fetchall()
        members = connection.execute(
            """SELECT count(*) FROM pg_auth_members
            WHERE member IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'plimsoll%')"""
        ).fetchone()
    assert sorted(found) == [(APP, True, False), (OWNER, False, False), (WORKER, True, False)]
    assert members == (0,)


def test_nobody_waits_for_ever(untouched: Database) -> None:
    for url in (untouched.app_url, untouched.worker_url):
        with psycopg.connect(conninfo(url)) as connection:
            assert connection.execute("SHOW lock_timeout").fetchone() == ("10s",)
            assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
            assert connection.execute("SHOW search_path").fetchone() == ("public",)


def test_nobody_else_may_call_a_function(untouched: Database) -> None:
    with psycopg.connect(conninfo(untouched.admin_url)) as connection:
        open_to_all = connection.execute(
            """SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND has_function_privilege('public', oid, 'EXECUTE')"""
        ).fetchall()
        unpinned = connection.execute(
            """SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND NOT coalesce(proconfig @> ARRAY['search_path=public, pg_temp'], false)"""
        ).fetchall()
    assert (open_to_all, unpinned) == ([], [])


@pytest.mark.usefixtures("theirs")
async def test_without_an_actor_the_http_server_sees_nothing(app: LogDatabase) -> None:
    async with app.begin(None) as work:
        assert not await work.facts.after(Place(0), limit=9)


async def test_an_actor_does_not_outlive_its_transaction(app: LogDatabase, theirs: UserId) -> None:
    async with app.begin(theirs) as work:
        assert len(await work.facts.after(Place(0), limit=9)) == 1
    async with app.begin(ME) as work:
        assert not await work.facts.after(Place(0), limit=9)
    async with app.begin(None) as work:
        assert not await work.facts.after(Place(0), limit=9)


async def test_a_user_cannot_put_words_into_anothers_mouth(app: LogDatabase) -> None:
    stream = alert()
    for actor in (ME, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await write(app, actor, stream, 0, sent(stream, to=SOMEBODY))


async def test_a_user_cannot_write_on_in_anothers_stream(app: LogDatabase, worker: LogDatabase) -> None:
    stream = alert()
    await write(worker, None, stream, 0, sent(stream, to=SOMEBODY))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await write(app, ME, stream, 1, sent(stream))
    await write(app, SOMEBODY, stream, 1, sent(stream, to=SOMEBODY))


async def test_a_user_can_write_their_own(app: LogDatabase) -> None:
    fact = UserDeleted(user_id=ME, at=sent(alert()).at)
    await write(app, ME, ME, 0, fact)
    async with app.begin(ME) as work:
        [recorded] = await work.facts.of(ME)
    assert recorded.stored == encode(fact)[1]


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_the_log_is_not_written_from_an_old_snapshot(
    worker: LogDatabase, isolation: LiteralString
) -> None:
    stream = alert()

    async def attempt() -> None:
        async with worker.begin(None) as work:
            driver = await work.driver()
            await driver.rollback()
            await driver.execute(
                psycopg.sql.SQL("SET TRANSACTION ISOLATION LEVEL {}").format(psycopg.sql.SQL(isolation))
            )
            work.facts.append(stream, 0, [sent(stream)])

    with pytest.raises(psycopg.errors.FeatureNotSupported):
        await attempt()


def refuse(url: str, statement: LiteralString) -> None:
    with psycopg.connect(conninfo(url)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


async def write(database: LogDatabase, actor: UserId | None, stream: Id, expected: int, fact: object) -> None:
    async with database.begin(actor) as work:
        work.facts.append(stream, expected, [fact])
