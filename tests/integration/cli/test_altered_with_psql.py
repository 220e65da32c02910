"""What somebody does who has a copy of the database and psql, and what `plimsoll audit verify` says to that."""

import subprocess
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.integration.audit.ledger import ledger_on
from tests.integration.cli.conftest import Run

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.binaries import find_binaries
from adapters.postgres.urls import conninfo, parsed
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import new_key
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds

ALTER_ONE_BYTE = (
    "UPDATE events SET payload = set_byte(payload, 9, get_byte(payload, 9) # 1) WHERE position = 3"
)
DELETE = "DELETE FROM events WHERE position = 5"
SWAP = """
UPDATE events SET position = 1000 WHERE position = 2;
UPDATE events SET position = 2 WHERE position = 4;
UPDATE events SET position = 4 WHERE position = 1000
"""
INSERT = """
UPDATE events SET position = position + 1000 WHERE position >= 4;
UPDATE events SET position = position - 999 WHERE position >= 1000;
INSERT INTO events (position, stream_id, version, event_id, type, recorded_at, payload)
    SELECT 4, gen_random_uuid(), 1, gen_random_uuid(), type, recorded_at, payload FROM events WHERE position = 1
"""
REWRITE = f"""
{SWAP};
UPDATE commits SET root = (SELECT root FROM commits AS other WHERE other.number = 6 - commits.number)
    WHERE number IN (2, 4);
DO $$
DECLARE
    this record;
    head bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR this IN SELECT number, first_position, event_count, root FROM commits ORDER BY number LOOP
        head := sha256(
            head || int8send(this.number) || int8send(this.first_position) || int8send(this.event_count) || this.root
        );
        UPDATE commits SET chain = head WHERE number = this.number;
    END LOOP;
END $$
"""
"""Another history, with hashes that fit it."""


@pytest.fixture
async def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """A sealed log of six commits with an event each, and the key that sealed it."""
    opened = PostgresDatabase(database.worker_url, work=PostgresWork, clock=SystemClock(), ids=SystemIds())
    ledger = ledger_on(opened, database.admin_url, tmp_path)
    await ledger.write(1, 1, 1, 1, 1, 1)
    await opened.close()
    (tmp_path / "seal.pem").write_bytes(new_key())
    return {"DATABASE_URL": database.admin_url, "PLIMSOLL_SEAL_KEY_FILE": str(tmp_path / "seal.pem")}


@pytest.mark.timeout(300)
def test_a_copy_of_the_database_altered_with_psql_is_told_apart_and_how_it_was_altered_is_named(
    plimsoll: Run, environment: dict[str, str]
) -> None:
    assert plimsoll("audit", "seal", **environment).status == 0
    original = environment["DATABASE_URL"]
    for number, (statements, said) in enumerate(
        (
            (ALTER_ONE_BYTE, "The event at position 3 was altered"),
            (DELETE, "The event at position 5 is missing"),
            (SWAP, "The events at positions 2 and 4 were swapped"),
            (INSERT, "The event at position 4 was inserted"),
            (REWRITE, "from position 1 to 6 is not what seal 1 signed: commits were rewritten"),
        )
    ):
        copy = f"{parsed(original).database}_{number}"
        psql(
            original, f'CREATE DATABASE "{copy}" TEMPLATE "{parsed(original).database}"', database="postgres"
        )
        try:
            url = parsed(original).set(database=copy).render_as_string(hide_password=False)
            psql(url, f"SET session_replication_role = replica; {statements}")
            plimsoll("audit", "verify", **{**environment, "DATABASE_URL": url}).refuses_with(said)
        finally:
            psql(original, f'DROP DATABASE "{copy}"', database="postgres")


def psql(url: str, statements: str, *, database: str | None = None) -> None:
    where = parsed(url) if database is None else parsed(url).set(database=database)
    program = find_binaries(None, Account.serving(Path("/nowhere"))).program("psql")
    address = conninfo(where.render_as_string(hide_password=False))
    options = ("--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statements)
    command = [str(program), *options, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
