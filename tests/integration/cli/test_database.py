import socket

import psycopg
from tests.fixtures.database import Database
from tests.integration.cli.conftest import NOBODY_IS_THERE, Run

SOMEBODY = "0x52908400098527886E0F7030069857D2E4169EE7"


def test_a_database_is_migrated_seeded_and_its_log_replayed(plimsoll: Run, empty_database: Database) -> None:
    url = {"DATABASE_URL": empty_database.admin_url}
    assert plimsoll("db", "status", "--json", **url).json["current"] is None
    plimsoll("audit", "log", **url).refuses_with("plimsoll db migrate")
    assert len(plimsoll("db", "migrate", "--json", **url).json["steps"]) >= 3
    assert plimsoll("db", "migrate", "--json", **url).json["steps"] == []
    seeded = plimsoll("db", "seed", SOMEBODY, "--json", **url).json
    assert seeded["token"].startswith("plm_")
    plimsoll("db", "seed", SOMEBODY, **url).refuses_with("belongs to a user already")
    listed = plimsoll("audit", "log", "--json", **url).out.splitlines()
    assert len(listed) == 2
    assert plimsoll("audit", "replay", "--json", **url).json["identical"] is True
    user = plimsoll("audit", "as-of", "user", seeded["user_id"], "--position", "1", "--json", **url).json
    assert user["wallets"] == []


def test_without_a_yes_nothing_is_removed(plimsoll: Run, database: Database) -> None:
    url = {"DATABASE_URL": database.admin_url}
    assert plimsoll("db", "seed", SOMEBODY, **url).status == 0
    plimsoll("db", "fresh", **url).refuses_with("--yes")
    plimsoll("db", "rollback", **url).refuses_with("--yes")
    assert len(plimsoll("audit", "log", "--json", **url).out.splitlines()) == 2
    assert plimsoll("db", "fresh", "--yes", **url).status == 0
    assert plimsoll("audit", "log", "--json", **url).out == ""


def test_a_newer_database_is_left_alone(plimsoll: Run, database: Database) -> None:
    with psycopg.connect(database.admin_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    ran = plimsoll("db", "migrate", DATABASE_URL=database.admin_url)
    ran.refuses_with("from_the_future", "Upgrade Plimsoll")


def test_a_database_that_is_down_is_said_to_be_without_its_password(plimsoll: Run) -> None:
    for command in (["db", "migrate"], ["work"]):
        ran = plimsoll(*command, DATABASE_URL=NOBODY_IS_THERE)
        ran.refuses_with("database")
        assert "hunter2secret" not in ran.err


def test_a_url_that_is_none_is_not_repeated(plimsoll: Run) -> None:
    ran = plimsoll("db", "status", DATABASE_URL="mysql://hunter2secret")
    ran.refuses_with("postgresql://user:password@host")
    assert "hunter2secret" not in ran.err


def test_a_busy_port_says_how_to_choose_another(plimsoll: Run, database: Database) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        ran = plimsoll("serve", "--port", port, DATABASE_URL=database.admin_url)
        ran.refuses_with(f"Port {port}", "choose another")


def test_a_damaged_record_fails_the_replay(plimsoll: Run, database: Database) -> None:
    url = {"DATABASE_URL": database.admin_url}
    seeded = plimsoll("db", "seed", SOMEBODY, "--json", **url).json
    with psycopg.connect(database.admin_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "UPDATE users SET email = 'mallory@example.org' WHERE id = %s", [seeded["user_id"]]
        )
    ran = plimsoll("audit", "replay", "--json", **url)
    ran.refuses_with("differs")
    assert [one["kind"] for one in ran.json["differences"]] == ["state_altered"]


def test_an_alert_that_there_is_not_cannot_be_explained(plimsoll: Run, database: Database) -> None:
    ran = plimsoll(
        "audit", "explain", "0199aaaa-0000-7000-8000-000000000000", DATABASE_URL=database.admin_url
    )
    ran.refuses_with("There is no alert")


def test_a_time_that_is_none_is_a_sentence(plimsoll: Run, database: Database) -> None:
    arguments = ["user", "0199aaaa-0000-7000-8000-000000000000", "--time", "yesterday-ish"]
    plimsoll("audit", "as-of", *arguments, DATABASE_URL=database.admin_url).refuses_with("is no time")
