from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import psycopg
import pytest
from tests.fixtures.database import Database, Server
from tests.integration.postgres.schema import schema_of

from adapters.postgres.migrator import MayNotMigrate, fresh, migrate, rollback, status
from adapters.postgres.revisions import NewerDatabase, Revision, history
from adapters.postgres.roles import app_url
from adapters.postgres.schema_version import is_newest, newest_revision
from adapters.postgres.urls import conninfo, parsed
from domain.shared.errors import Conflict, Invalid, Unavailable

REVISIONS = [script.revision for script in reversed(list(history().walk_revisions()))]


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_goes_up_down_and_up_again_to_the_same_schema(
    empty_database: Database, revision: str
) -> None:
    url = empty_database.admin_url
    before = REVISIONS[: REVISIONS.index(revision)]
    if before:
        migrate(url, before[-1])
    without = schema_of(url)
    migrate(url, revision)
    with_it = schema_of(url)
    assert with_it != without
    rollback(url)
    if before:
        assert schema_of(url) == without
    migrate(url, revision)
    assert schema_of(url) == with_it
    assert status(url).current == revision


def test_going_all_the_way_down_leaves_nothing_but_the_count_of_revisions(empty_database: Database) -> None:
    url = empty_database.admin_url
    migrate(url)
    rollback(url, len(REVISIONS))
    assert {row[1] for row in schema_of(url) if row[0] == "tables"} == {"alembic_version"}
    assert not {row for row in schema_of(url) if row[0] in {"functions", "types", "triggers", "policies"}}
    assert status(url).current is None


def test_the_migrations_leave_no_room_for_a_second_head() -> None:
    assert history().get_heads() == [REVISIONS[-1]]


def test_whether_a_database_is_at_the_newest_revision_is_told_without_alembic(
    empty_database: Database,
) -> None:
    url = empty_database.admin_url
    assert newest_revision() == REVISIONS[-1]
    assert not is_newest(url)
    migrate(url, REVISIONS[-2])
    assert not is_newest(url)
    migrate(url)
    assert is_newest(url)
    with pytest.raises(Unavailable):
        is_newest("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")


def test_the_status_names_what_is_pending(empty_database: Database) -> None:
    url = empty_database.admin_url
    migrate(url, REVISIONS[0])
    found = status(url)
    assert (found.current, found.head) == (REVISIONS[0], REVISIONS[-1])
    assert [revision.id for revision in found.pending] == REVISIONS[1:]
    migrate(url)
    assert status(url).pending == ()


def test_progress_is_told_step_by_step(empty_database: Database) -> None:
    steps: list[Revision] = []
    migrate(empty_database.admin_url, progress=steps.append)
    rollback(empty_database.admin_url, 2, progress=steps.append)
    assert [step.id for step in steps] == [*REVISIONS, *reversed(REVISIONS[-2:])]
    assert all(step.title for step in steps)


def test_migrators_of_one_database_wait_for_one_another(empty_database: Database) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        for done in [processes.submit(migrate, empty_database.admin_url) for _ in range(2)]:
            done.result()
    assert status(empty_database.admin_url).current == REVISIONS[-1]


def test_migrators_of_two_databases_can_be_one_process(
    empty_database: Database, database_server: Server
) -> None:
    with database_server.database() as other, ThreadPoolExecutor(2) as threads:
        urls = [empty_database.admin_url, other.admin_url]
        for done in [threads.submit(migrate, url) for url in urls]:
            done.result()
        assert {status(url).current for url in urls} == {REVISIONS[-1]}


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_database: Database) -> None:
    url = empty_database.admin_url
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (mine int)")
    before = schema_of(url)
    with pytest.raises(Exception, match="procrastinate_jobs"):
        migrate(url)
    assert {row for row in schema_of(url) if row[0] == "columns"} == {
        row for row in before if row[0] == "columns"
    }


def test_a_newer_database_is_left_alone_with_a_sentence(database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for attempt in (migrate, rollback, status):
        with pytest.raises(
            NewerDatabase, match="revision 9999, which this version of Plimsoll does not know"
        ):
            attempt(database.admin_url)


def test_a_newer_database_can_be_begun_anew(database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    fresh(database.admin_url, confirmed=True)
    assert status(database.admin_url).current == REVISIONS[-1]


def test_beginning_anew_takes_a_confirmation_and_then_everything(database: Database) -> None:
    url = database.admin_url
    as_new = schema_of(url)
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute("INSERT INTO checkpoints (name, position) VALUES ('detect', 7)")
        connection.execute("CREATE TABLE somebody_elses (kept int)")
    with pytest.raises(Conflict, match="confirm it first"):
        fresh(url, confirmed=False)
    fresh(url, confirmed=True)
    with psycopg.connect(conninfo(url)) as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM somebody_elses").fetchone() == (0,)
        connection.execute("DROP TABLE somebody_elses")
    assert schema_of(url) == as_new


@pytest.mark.parametrize("steps", [0, -1, 99])
def test_more_steps_than_there_were_cannot_be_taken_back(database: Database, steps: int) -> None:
    with pytest.raises(Invalid, match="cannot be taken back"):
        rollback(database.admin_url, steps)


def test_a_revision_that_there_is_not_is_refused_with_the_list_of_those_there_are(database: Database) -> None:
    with pytest.raises(Invalid, match=r"no revision '4711'; there are 0001"):
        migrate(database.admin_url, "4711")


@pytest.mark.parametrize("attempt", [migrate, status, rollback])
def test_a_database_that_is_down_gets_a_sentence_without_the_password(attempt: object) -> None:
    assert callable(attempt)
    with pytest.raises(Unavailable, match="The database does not answer") as refused:
        attempt("postgresql://admin:hunter2@127.0.0.1:1/plimsoll")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://admin:hunter2@host/x", "postgresql://admin:hunter2@host:port/x", ""]
)
def test_a_url_that_cannot_be_read_gets_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(Invalid, match="looks like postgresql://") as refused:
        status(url)
    assert "hunter2" not in str(refused.value)


def test_a_user_or_database_that_there_is_not_gets_a_sentence(database: Database) -> None:
    url = parsed(database.admin_url)
    for wrong in (url.set(username="nobody_here"), url.set(database="nothing_here")):
        with pytest.raises(Unavailable, match="refuses the user, the password or the name"):
            status(wrong.render_as_string(hide_password=False))


def test_those_who_serve_may_not_migrate(database: Database) -> None:
    with pytest.raises(MayNotMigrate, match="This user may not migrate the database"):
        rollback(app_url(database.admin_url))


@pytest.fixture
def landlord(database_server: Server, migrated_template: str) -> Iterator[str]:
    """A user who owns an empty database and may use the roles, as at a hosting company: no superuser."""
    assert migrated_template  # the roles are there
    with (
        database_server.database() as database,
        psycopg.connect(conninfo(database.admin_url), autocommit=True) as c,
    ):
        name = parsed(database.admin_url).database
        c.execute("DROP ROLE IF EXISTS landlord")
        c.execute("CREATE ROLE landlord LOGIN CREATEROLE")
        c.execute("GRANT plimsoll_owner, plimsoll_app, plimsoll_worker TO landlord WITH ADMIN OPTION")
        c.execute(
            psycopg.sql.SQL("ALTER DATABASE {} OWNER TO landlord").format(psycopg.sql.Identifier(name or ""))
        )
        yield parsed(database.admin_url).set(username="landlord").render_as_string()
        c.execute(
            psycopg.sql.SQL("ALTER DATABASE {} OWNER TO postgres").format(psycopg.sql.Identifier(name or ""))
        )
        c.execute("REASSIGN OWNED BY landlord TO postgres")
        c.execute("DROP OWNED BY landlord")
        c.execute("DROP ROLE landlord")


def test_an_administrator_need_not_be_a_superuser(landlord: str) -> None:
    migrate(landlord)
    owners = {row[3] for row in schema_of(landlord) if row[0] == "tables"}
    assert owners == {"plimsoll_owner"}
    rollback(landlord)
    fresh(landlord, confirmed=True)
    assert status(landlord).current == REVISIONS[-1]
