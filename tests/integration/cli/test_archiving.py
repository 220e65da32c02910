import json
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.audit.ledger import ledger_on
from tests.integration.cli.conftest import Run
from tests.integration.postgres.partitions import use_small_partitions

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import new_key
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


@pytest.fixture
async def environment(plimsoll: Run, database: Database, tmp_path: Path) -> dict[str, str]:
    """A sealed log of 25 events, ten a partition."""
    use_small_partitions(database.admin_url, 10)
    opened = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=SystemClock(), ids=SystemIds(), secrets=RING
    )
    await ledger_on(opened, database.admin_url, tmp_path).write(1, 4, 5, 3, 9, 3)
    await opened.close()
    (tmp_path / "seal.pem").write_bytes(new_key())
    environment = {
        "DATABASE_URL": database.admin_url,
        "PLIMSOLL_SEAL_KEY_FILE": str(tmp_path / "seal.pem"),
        "PLIMSOLL_ARCHIVE_DIR": str(tmp_path / "archive"),
    }
    assert plimsoll("audit", "seal", **environment).status == 0
    return environment


def test_an_export_verifies_where_there_is_no_database(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    exported = plimsoll("audit", "export", "--to", "backup", "--json", **environment).json
    assert (exported["first"], exported["last"], exported["written"], exported["seal"]) == (1, 25, 25, 1)
    again = plimsoll("audit", "export", "--to", "backup", **environment)
    assert "Wrote 0 events" in again.out
    assert exported["manifest_sha256"] in again.out
    (tmp_path / "seal.pub").write_text(plimsoll("audit", "keys", **environment).out)
    verify = ("audit", "verify", "--archive", "backup", "--public-key", "seal.pub")
    assert plimsoll(*verify, "--json").json["facts"] == 25
    [file] = (tmp_path / "backup").glob("events-*")
    content = file.read_bytes()
    file.write_bytes(content[:400] + bytes([content[400] ^ 1]) + content[401:])
    plimsoll(*verify).refuses_with("The log is not what was recorded", file.name)


def test_what_cannot_be_exported_or_verified_is_refused_with_a_sentence(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    verify = ("audit", "verify", "--archive", "nowhere")
    plimsoll(*verify).refuses_with("No key is trusted", "--public-key")
    plimsoll(*verify, "--from-seal", "1").refuses_with("leave --from-seal out")
    plimsoll(*verify, "--public-key", "seal.pem").refuses_with("nowhere holds no export")
    plimsoll("audit", "export", "--to", "seal.pem", **environment).refuses_with("could not be written")
    plimsoll("audit", "archive", "--before", "soon", **environment).refuses_with("is no time")


def test_parts_are_archived_after_asking_and_read_in_their_files(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    listed = plimsoll("audit", "log", "--json", **environment).out
    due = plimsoll("audit", "archive", "--dry-run", "--json", **environment).json["due"]
    assert [part["partition"] for part in due] == ["events_from_1", "events_from_11"]
    plimsoll("audit", "archive", **environment).refuses_with("Move positions 1 to 20", "say --yes")
    assert not (tmp_path / "archive").exists()
    done = plimsoll("audit", "archive", "--yes", **environment)
    assert "events_from_1: positions 1 to 10 are archived" in done.out
    assert json.loads((tmp_path / "archive" / "manifest.json").read_text())["complete"]
    assert plimsoll("audit", "verify", "--json", **environment).json["facts"] == 25
    assert plimsoll("audit", "prove", "7", **environment).json["event"]["place"] == 7
    assert plimsoll("audit", "log", "--json", **environment).out == listed
    plimsoll("audit", "restore", **environment).refuses_with("Bring positions 11 to 20 back", "say --yes")
    restored = plimsoll("audit", "restore", "--yes", "--json", **environment).json["restored"]
    assert restored == {"partition": "events_from_11", "first": 11, "last": 20}
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    plimsoll("audit", "verify", **environment).refuses_with("is missing from", "unknown until it is put back")
