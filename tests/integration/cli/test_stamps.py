from pathlib import Path

import pytest
from tests.fixtures.authority import Lie, LocalAuthority
from tests.fixtures.database import Database
from tests.integration.audit.ledger import ledger_on
from tests.integration.cli.conftest import Run

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import new_key
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


@pytest.fixture
async def environment(database: Database, authority: LocalAuthority, tmp_path: Path) -> dict[str, str]:
    """A log of ten events, a key to seal it with, and an authority that stamps seals."""
    opened = PostgresDatabase(database.worker_url, work=PostgresWork, clock=SystemClock(), ids=SystemIds())
    await ledger_on(opened, database.admin_url, tmp_path).write(1, 4, 5)
    await opened.close()
    (tmp_path / "seal.pem").write_bytes(new_key())
    return {
        "DATABASE_URL": database.admin_url,
        "PLIMSOLL_SEAL_KEY_FILE": str(tmp_path / "seal.pem"),
        "PLIMSOLL_SEAL_TSA_URL": authority.url,
        "PLIMSOLL_SEAL_TSA_ROOTS_FILE": str(authority.roots),
    }


def test_a_stamped_seal_tells_somebody_without_the_database_how_old_an_event_is(
    plimsoll: Run, environment: dict[str, str], authority: LocalAuthority, tmp_path: Path
) -> None:
    assert plimsoll("audit", "seal", "--json", **environment).json["unanchored"] is None
    assert (tmp_path / "data" / "stamps" / "1.tsr").is_file()
    anchored = plimsoll("audit", "verify", "--json", **environment).json["anchored"]
    assert (anchored["last_seal"], anchored["stamps"], anchored["last_stamped"]) == (1, 1, 1)
    assert "bear the stamp of an authority" in plimsoll("audit", "verify", **environment).out

    (tmp_path / "seal.pub").write_text(plimsoll("audit", "keys", **environment).out)
    (tmp_path / "proof.json").write_text(plimsoll("audit", "prove", "7", **environment).out)
    check = ("audit", "verify-proof", "proof.json", "--public-key", "seal.pub")
    assert "--tsa-roots FILE" in plimsoll(*check).out
    checked = plimsoll(*check, "--tsa-roots", str(authority.roots), "--json").json
    assert checked["stamped_at"] == anchored["stamped_at"]
    other = LocalAuthority.made_in(tmp_path / "other").roots
    plimsoll(*check, "--tsa-roots", str(other)).refuses_with("time stamp of seal 1 does not hold")


def test_an_authority_that_is_away_is_shown_and_the_seal_made(
    plimsoll: Run, environment: dict[str, str], authority: LocalAuthority
) -> None:
    authority.lie = Lie.STATUS
    sealed = plimsoll("audit", "seal", **environment)
    assert (sealed.status, "Seal 1 covers 3 commits" in sealed.out) == (0, True)
    assert "HTTP status 500" in sealed.err
    nothing = plimsoll("audit", "verify", "--json", **environment).json
    assert (nothing["seals"], nothing["anchored"]["last_seal"]) == (1, 0)


def test_stamps_without_roots_are_refused_with_a_sentence(plimsoll: Run, environment: dict[str, str]) -> None:
    del environment["PLIMSOLL_SEAL_TSA_ROOTS_FILE"]
    for command in (("audit", "verify"), ("work",)):
        plimsoll(*command, **environment).refuses_with("set PLIMSOLL_SEAL_TSA_ROOTS_FILE")
