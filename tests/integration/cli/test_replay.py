import psycopg
from tests.fixtures.database import Database
from tests.integration.cli.conftest import Run

SOMEBODY = "0x52908400098527886E0F7030069857D2E4169EE7"


def _alter(database: Database, statement: str) -> None:
    with psycopg.connect(database.admin_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


def test_the_verdict_is_one_line_and_a_difference_is_shown_field_by_field(
    plimsoll: Run, database: Database
) -> None:
    url = {"DATABASE_URL": database.admin_url}
    user = plimsoll("db", "seed", SOMEBODY, "--json", **url).json["user_id"]
    sound = plimsoll("audit", "replay", "--check", **url)
    assert sound.status == 0
    assert sound.out.startswith("Nothing differs: 2 facts, 1 states, 0 memories, ")
    assert len(sound.out.splitlines()) == 1
    _alter(database, "UPDATE users SET email = 'mallory@example.org', deleted_at = '2026-01-02Z'")
    verdict = plimsoll("audit", "replay", "--check", **url)
    verdict.refuses_with("in 1 place", "deleted_at, email differ")
    assert verdict.out == ""
    shown = plimsoll("audit", "replay", **url)
    shown.refuses_with("differs from its replay")
    assert "- stored    2026-01-02" in shown.out
    assert "+ replayed  nothing" in shown.out
    assert "email (not shown" in shown.out
    assert "mallory" not in shown.out + shown.err
    [difference] = plimsoll("audit", "replay", "--json", "--user", user, **url).json["differences"]
    assert [field["name"] for field in difference["fields"]] == ["deleted_at", "email"]
    nobody = "0199aaaa-0000-7000-8000-000000000000"
    assert plimsoll("audit", "replay", "--check", "--user", nobody, **url).status == 0
    assert plimsoll("audit", "replay", "--check", "--from", "2", **url).status == 0
    part = plimsoll("audit", "replay", "--to", "1", **url)
    assert part.status == 0
    assert "Compared no stored rows" in part.out


def test_rules_that_nobody_made_are_named(plimsoll: Run, database: Database) -> None:
    url = {"DATABASE_URL": database.admin_url}
    user = plimsoll("db", "seed", SOMEBODY, "--json", **url).json["user_id"]
    _alter(database, f"INSERT INTO rules (user_id, version, body) VALUES ('{user}', 9, '{{}}')")
    sentence = f"Version 9 of the alert rules of user {user} is stored, but nothing in the log leads to it."
    plimsoll("audit", "replay", "--check", **url).refuses_with("in 1 place", sentence)
    shown = plimsoll("audit", "replay", **url)
    shown.refuses_with("differs from its replay")
    assert "Compared 1 rows of what the detectors remember, as of position 0" in shown.out
    assert f"memory unfounded: {sentence}" in shown.out
    told = plimsoll("audit", "replay", "--json", **url).json
    assert (told["memories"], told["followed"], told["count"]) == (1, 0, 1)
    assert [(one["kind"], one["id"]) for one in told["differences"]] == [("memory_unfounded", user)]


def test_a_rebuild_puts_right_what_was_altered(plimsoll: Run, database: Database) -> None:
    url = {"DATABASE_URL": database.admin_url}
    plimsoll("db", "seed", SOMEBODY, "--json", **url)
    _alter(database, "UPDATE users SET email = 'mallory@example.org'")
    plimsoll("audit", "rebuild", "prices", **url).refuses_with("no projection called 'prices'", ", and all")
    assert "Nothing is half built." in plimsoll("audit", "rebuild", "all", "--drop", **url).out
    assert plimsoll("audit", "rebuild", "all", "--json", **url).json["rows_changed"] == 1
    assert plimsoll("audit", "replay", "--check", **url).status == 0
    assert "0 rows had to be put right" in plimsoll("audit", "rebuild", "user", **url).out
