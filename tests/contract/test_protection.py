"""What PostgreSQL itself refuses, whatever the code above it does."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql
from tests.contract.conftest import OUR_TABLES
from tests.contract.test_positions import observe
from tests.contract.work import Work
from tests.examples import AT, position, registered, wallet
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.shared.ports import Begin
from domain.positions.errors import Tampered

Connection = psycopg.Connection[tuple[object, ...]]
ROLES = ("plimsoll_app", "plimsoll_worker")
OF_USERS = """
SELECT DISTINCT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
    AND (attname = 'user_id' OR relname = 'users') AND NOT attisdropped
ORDER BY 1
"""


@pytest.fixture
def admin(emptied_database: Database) -> Iterator[Connection]:
    with psycopg.connect(conninfo(emptied_database.admin_url), autocommit=True) as connection:
        yield connection


@pytest.fixture(params=["app_url", "worker_url"])
def served(request: pytest.FixtureRequest, emptied_database: Database) -> Iterator[Connection]:
    url = getattr(emptied_database, request.param)
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        yield connection


def test_every_table_of_users_has_forced_row_level_security(admin: Connection) -> None:
    tables = [name for (name,) in admin.execute(OF_USERS)]
    assert {"users", "wallets", "positions", "signals", "alerts", "deliveries", "intents", "events"} <= set(
        tables
    )
    unforced = admin.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY (%s::regclass[]) "
        "AND NOT (relrowsecurity AND relforcerowsecurity)",
        [tables],
    )
    assert unforced.fetchall() == []


def test_every_table_of_users_shows_the_http_server_its_actors_rows_alone(admin: Connection) -> None:
    tables = [name for (name,) in admin.execute(OF_USERS)]
    owner = "= ( SELECT (NULLIF(current_setting('app.actor'::text, true), ''::text))::uuid"
    found = admin.execute(
        "SELECT tablename::text, qual FROM pg_policies WHERE 'plimsoll_app' = ANY (roles) "
        "AND permissive = 'PERMISSIVE' AND NOT policyname LIKE '%_for_operators'"
    ).fetchall()
    assert sorted(str(table) for table, _ in found) == sorted(map(str, tables))
    assert [table for table, condition in found if owner not in str(condition)] == []


def test_what_is_shown_to_operators_can_be_read_while_they_audit_and_never_written(admin: Connection) -> None:
    found = admin.execute(
        "SELECT cmd, qual FROM pg_policies WHERE policyname LIKE '%_for_operators' OR qual LIKE '%audit%'"
    ).fetchall()
    assert len(found) >= 2
    assert {command for command, _ in found} == {"SELECT"}
    assert all(str(condition).startswith("(( SELECT auditing() AS auditing) AND ") for _, condition in found)


def test_no_policy_is_for_everybody(admin: Connection) -> None:
    assert admin.execute("SELECT tablename FROM pg_policies WHERE 'public' = ANY (roles)").fetchall() == []


def test_a_partition_cannot_be_reached_past_the_policies(admin: Connection) -> None:
    open_doors = admin.execute(
        "SELECT oid::regclass, role FROM pg_class, unnest(%s::text[]) AS role "
        "WHERE relispartition AND relkind = 'r' AND has_table_privilege(role, oid, 'SELECT, INSERT, UPDATE, DELETE')",
        [list(ROLES)],
    )
    assert open_doors.fetchall() == []


def test_every_function_that_runs_as_its_owner_is_pinned_and_not_for_everybody(admin: Connection) -> None:
    found = admin.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace AND ("
        "NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false) "
        "OR has_function_privilege('public', oid, 'EXECUTE') "
        "OR pg_get_userbyid(proowner) <> 'plimsoll_owner')"
    )
    assert found.fetchall() == []


def test_nobody_reads_the_nonces(served: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        served.execute("SELECT * FROM sign_in_nonces")


def test_without_an_actor_the_http_server_sees_nobodys_rows(
    emptied_database: Database, admin: Connection
) -> None:
    add_user(admin)
    with psycopg.connect(conninfo(emptied_database.app_url), autocommit=True) as connection:
        for (table,) in admin.execute(OF_USERS).fetchall():
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(str(table))))
            assert rows.fetchall() == []


def test_nobody_acts_for_another_user(emptied_database: Database, admin: Connection) -> None:
    other = add_user(admin)
    with psycopg.connect(conninfo(emptied_database.app_url)) as connection:
        connection.execute("SELECT set_config('app.actor', %s, true)", [str(SystemIds().new())])
        assert connection.execute("UPDATE users SET email = 'mine@example.org'").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO wallets (user_id, address, label, linked_at, linked_version) "
                "VALUES (%s, %s, '', now(), 9)",
                [other, wallet("theirs")],
            )


@pytest.mark.parametrize(
    "statement", ["UPDATE positions SET reason = ''", "DELETE FROM positions", "TRUNCATE positions"]
)
def test_positions_are_written_once(served: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        served.execute(statement)


def test_not_even_an_administrator_updates_positions(admin: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="written once"):
        admin.execute("UPDATE positions SET reason = ''")


def test_changed_rows_say_when(admin: Connection) -> None:
    add_user(admin)
    admin.execute("UPDATE users SET updated_at = '2000-01-01', email = 'ada@example.org'")
    assert admin.execute("SELECT updated_at > now() - interval '1 hour' FROM users").fetchall() == [(True,)]


def test_a_user_who_is_removed_takes_everything_along(admin: Connection) -> None:
    add_user(admin)
    admin.execute("DELETE FROM users")
    assert admin.execute("SELECT * FROM wallets").fetchall() == []


def test_expired_nonces_are_swept_away(admin: Connection) -> None:
    for number in range(3):
        admin.execute("SELECT issue_nonce(%s, %s, %s)", [str(number), AT, AT + timedelta(seconds=number)])
    admin.execute("SELECT issue_nonce('late', %s, %s)", [AT + timedelta(seconds=2), AT + timedelta(hours=1)])
    assert admin.execute("SELECT nonce FROM sign_in_nonces").fetchall() == [("late",)]


@pytest.fixture
async def working(emptied_database: Database) -> AsyncIterator[Begin[Work]]:
    database = PostgresDatabase(
        emptied_database.worker_url,
        work=PostgresWork,
        clock=SystemClock(),
        ids=SystemIds(),
        secrets=RING,
        pool_size=1,
    )
    for name in ("ada", "bob"):
        async with database.begin(None) as work:
            await work.users.record(registered(name))
    yield database.begin
    await database.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE positions SET observation = overlay(observation PLACING 'x' FROM 9)",
        "UPDATE positions SET user_id = (SELECT id FROM users WHERE id <> positions.user_id)",
        "DELETE FROM positions WHERE id = (SELECT id FROM positions ORDER BY id LIMIT 1)",
    ],
)
async def test_whatever_is_changed_in_a_batch_shows(
    working: Begin[Work], admin: Connection, tampering: str
) -> None:
    fact, _ = await observe(working, [position("ada"), position("bob")])
    async with working(None) as work:
        assert len(await work.positions.of_batch(fact)) == 2
    admin.execute("SET session_replication_role = replica")
    admin.execute(tampering)
    async with working(None) as work:
        with pytest.raises(Tampered):
            await work.positions.of_batch(fact)


def test_partitions_are_made_ahead_and_take_over_what_lay_in_the_default(database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as admin:
        make_partitions(admin)


def make_partitions(admin: Connection) -> None:
    user_id = add_user(admin)
    month = admin.execute("SELECT date_trunc('month', now() + interval '9 months', 'UTC')").fetchall()[0][0]
    admin.execute(
        "INSERT INTO positions (id, user_id, wallet_address, protocol, market, status, snapshot_at, observed_at, "
        "batch_id, block_number, block_hash, observation) "
        "VALUES (%(id)s, %(user)s, %(wallet)s, 'aave_v3', %(wallet)s, 'known', %(month)s, now(), %(id)s, 1, '', '')",
        {"id": user_id, "user": user_id, "wallet": wallet("ada"), "month": month},
    )
    assert admin.execute("SELECT tableoid::regclass::text FROM positions").fetchall() == [
        ("positions_default",)
    ]
    assert isinstance(month, datetime)
    name = f"positions_{month.astimezone(UTC):%Y_%m}"
    ensure = "SELECT ensure_position_partitions((now() + interval '9 months')::date)"
    assert admin.execute(ensure).fetchall() == [(6,)]
    assert admin.execute("SELECT tableoid::regclass::text FROM positions").fetchall() == [(name,)]
    assert admin.execute(ensure).fetchall() == [(0,)]


def test_partitions_are_not_made_for_ever_ahead(admin: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        admin.execute("SELECT ensure_position_partitions('2199-01-01')")


def add_user(admin: Connection) -> object:
    user_id = SystemIds().new()
    admin.execute(
        "INSERT INTO users (id, wallet_address, preferences, registered_at, version) VALUES (%s, %s, '{}', now(), 1)",
        [user_id, wallet(str(user_id))],
    )
    admin.execute(
        "INSERT INTO wallets (user_id, address, label, linked_at, linked_version) VALUES (%s, %s, '', now(), 2)",
        [user_id, wallet(str(user_id))],
    )
    return user_id


def test_the_tables_to_be_emptied_are_all_of_ours(admin: Connection) -> None:
    assert {"users", "events", "positions", "sign_in_nonces"} <= {
        str(name) for (name,) in admin.execute(OUR_TABLES)
    }
