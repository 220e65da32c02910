from collections.abc import AsyncIterator

import pytest
from tests.examples import registered
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING, SECRET_KEYS
from tests.integration.cli.conftest import Run

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from domain.identity.user import User


@pytest.fixture
async def ada(database: Database) -> AsyncIterator[User]:
    worker = PostgresDatabase(
        database.worker_url,
        work=PostgresWork,
        clock=SystemClock(),
        ids=SystemIds(),
        secrets=RING,
        pool_size=1,
    )
    async with worker.begin(None) as work:
        await work.users.record(change := registered("ada"))
    yield change.state
    await worker.close()


def test_operators_are_added_listed_and_removed(plimsoll: Run, database: Database, ada: User) -> None:
    there = {"DATABASE_URL": database.admin_url, "PLIMSOLL_SECRET_KEYS": SECRET_KEYS}

    def operators(*arguments: str) -> object:
        ran = plimsoll("audit", "operators", *arguments, "--json", **there)
        assert ran.status == 0, ran
        return ran.json

    added = operators("add", ada.wallet_address.upper().replace("0X", "0x"))
    assert isinstance(added, dict)
    assert (added["user_id"], added["operator"], added["dismissed_at"]) == (str(ada.id), True, None)
    assert operators("list") == {"operators": [added]}
    plimsoll("audit", "operators", "add", str(ada.id), **there).refuses_with("is an operator already")
    removed = operators("remove", str(ada.id))
    assert isinstance(removed, dict)
    assert (removed["operator"], removed["appointed_at"]) == (False, added["appointed_at"])
    plimsoll("audit", "operators", "remove", str(ada.id), **there).refuses_with("is no operator")


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("ada", ("'ada' is no user", "by their id")),
        ("0x" + "00" * 20, ("Nobody signs in with",)),
    ],
)
def test_somebody_who_is_not_there_is_not_appointed(
    plimsoll: Run, database: Database, user: str, words: tuple[str, ...]
) -> None:
    plimsoll("audit", "operators", "add", user, DATABASE_URL=database.admin_url).refuses_with(*words)
