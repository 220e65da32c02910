import json
from pathlib import Path

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.audit.ledger import Ledger, ledger_on
from tests.integration.cli.conftest import Run

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import new_key
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


@pytest.fixture
async def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """A log of ten events, and a key to seal it with."""
    opened = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=SystemClock(), ids=SystemIds(), secrets=RING
    )
    ledger: Ledger = ledger_on(opened, database.admin_url, tmp_path)
    await ledger.write(1, 4, 5)
    await opened.close()
    (tmp_path / "seal.pem").write_bytes(new_key())
    return {
        "DATABASE_URL": database.admin_url,
        "PLIMSOLL_SEAL_KEY_FILE": str(tmp_path / "seal.pem"),
        "PLIMSOLL_SEAL_ANCHOR_FILE": str(tmp_path / "anchor.jsonl"),
    }


def test_a_log_is_sealed_verified_and_proven_to_somebody_without_the_database(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    assert plimsoll("audit", "verify", "--json", **environment).json["facts"] == 10
    sealed = plimsoll("audit", "seal", "--json", **environment).json["seal"]
    assert (sealed["number"], sealed["commits"], sealed["position"]) == (1, 3, 10)
    assert plimsoll("audit", "seal", "--json", **environment).json["seal"] is None
    assert json.loads((tmp_path / "anchor.jsonl").read_text())["digest"] == sealed["digest"]
    report = plimsoll("audit", "verify", "--json", **environment).json
    assert (report["untouched"], report["sealed_until"]) == (True, 10)
    assert plimsoll("audit", "consistency", "1", "1", **environment).status == 0

    (tmp_path / "seal.pub").write_text(plimsoll("audit", "keys", **environment).out)
    assert "PRIVATE" not in (tmp_path / "seal.pub").read_text()
    (tmp_path / "proof.json").write_text(plimsoll("audit", "prove", "7", **environment).out)
    checked = plimsoll("audit", "verify-proof", "proof.json", "--public-key", "seal.pub")
    assert checked.status == 0, checked
    assert "Position 7 holds" in checked.out


def test_a_proof_that_is_none_is_refused_with_a_sentence(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    plimsoll("audit", "prove", "2", **environment).refuses_with("No seal covers place 2")
    plimsoll("audit", "seal", **environment)
    (tmp_path / "seal.pub").write_text(plimsoll("audit", "keys", **environment).out)
    proof = plimsoll("audit", "prove", "2", **environment).json
    check = ("audit", "verify-proof", "proof.json", "--public-key", "seal.pub")
    for forged, words in (
        ({**proof, "in_tree": proof["in_tree"][::-1]}, "not the one at position 2"),
        ({**proof, "in_commit": proof["in_commit"][1:]}, "does not fit commit 2"),
        ({**proof, "in_tree": ["zz"]}, "proof.json is no proof: in_tree.0"),
        ({**proof, "event": {**proof["event"], "version": 10**30}}, "proof.json is no proof: event.version"),
        (
            {**proof, "event": {**proof["event"], "recorded_at": "9999-12-31T23:59:59Z"}},
            "not the one at position 2",
        ),
        ([], "proof.json is no proof"),
    ):
        (tmp_path / "proof.json").write_text(json.dumps(forged))
        plimsoll(*check).refuses_with(words)
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    assert plimsoll(*check).status == 0
    (tmp_path / "seal.pub").write_bytes(new_key())
    plimsoll(*check).refuses_with("not among those trusted")
    (tmp_path / "seal.pub").write_text("nothing")
    plimsoll(*check).refuses_with("has to be an Ed25519 key")
    (tmp_path / "seal.pub").unlink()
    plimsoll(*check).refuses_with("seal.pub cannot be read")


def test_a_log_altered_by_hand_ends_with_a_status_and_a_sentence(
    plimsoll: Run, environment: dict[str, str]
) -> None:
    plimsoll("audit", "seal", **environment)
    with psycopg.connect(conninfo(environment["DATABASE_URL"])) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE events SET payload = payload || ' ' WHERE position = 1")
    plimsoll("audit", "verify", **environment).refuses_with("The event at position 1 was altered")


def test_without_a_key_nothing_is_sealed_and_no_seal_believed(
    plimsoll: Run, environment: dict[str, str]
) -> None:
    keyless = {"DATABASE_URL": environment["DATABASE_URL"]}
    plimsoll("audit", "seal", **keyless).refuses_with("PLIMSOLL_SEAL_KEY_FILE")
    assert plimsoll("audit", "verify", **keyless).status == 0
    plimsoll("audit", "seal", **environment)
    plimsoll("audit", "verify", **keyless).refuses_with("no key is trusted")


def test_a_new_key_seals_and_the_old_one_is_still_trusted(
    plimsoll: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    plimsoll("audit", "seal", **environment)
    old = plimsoll("audit", "keys", **environment).out
    (tmp_path / "seal.pem").write_bytes(new_key())
    plimsoll("audit", "verify", **environment).refuses_with(
        "Seal 1 (positions 1 to 10)", "not among those trusted"
    )
    (tmp_path / "seal.pem").write_bytes((tmp_path / "seal.pem").read_bytes() + old.encode())
    assert plimsoll("audit", "verify", **environment).status == 0
    assert len(plimsoll("audit", "keys", "--json", **environment).json["keys"]) == 2
