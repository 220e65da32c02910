"""Somebody is forgotten: not a byte that says who they were is left in the database, and the log still holds."""

import json
import os
import pty
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.work import Work
from tests.fixtures.database import Database, Server
from tests.fixtures.secrets import RING, SECRET_KEYS
from tests.integration.cli.conftest import PLIMSOLL, Run
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.binaries import find_binaries
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import new_key
from adapters.secrets.key_ring import new_entry
from adapters.system.ids import SystemIds
from application.alerts.ports import Lost, Refused, Taken
from application.identity.ports import ContactCode, Session
from application.shared.requests import Answer
from domain.identity.preferences import Channel
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import UserId

MAILBOX, CHAT, LABEL = "ada.lovelace@mailbox.example", "-1009876543210", "Ada's cold storage"
BOBS = "bob.babbage@mailbox.example"
NEEDLES = (MAILBOX, "ada.lovelace", CHAT, LABEL)


@dataclass(frozen=True, slots=True)
class House:
    """A database with two users in it, and how to reach it."""

    database: Database
    pg_dump: Path
    ada: UserId
    bob: UserId
    alert: str

    @property
    def url(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database.admin_url}

    def dump(self) -> str:
        """Return everything that the database holds, as a backup has it."""
        done = subprocess.run(
            [self.pg_dump, "--inserts", conninfo(self.database.admin_url)],
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def traces(self, needles: Sequence[str] = NEEDLES) -> list[str]:
        """Return what of these is found in the dump, as text or within columns of bytes."""
        dump = self.dump().lower()
        assert "insert into public.events" in dump
        return [
            one for one in needles if one.lower() in dump.replace("''", "'") or one.encode().hex() in dump
        ]


@pytest.fixture
async def house(database: Database, database_server: Server) -> AsyncIterator[House]:
    """Ada and Bob were told of danger on every channel, which answered in words that name them."""
    clock = ManualClock()
    served, working = (
        PostgresDatabase(url, work=PostgresWork, clock=clock, ids=SystemIds(), secrets=RING, pool_size=4)
        for url in (database.app_url, database.worker_url)
    )

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return working.begin(None) if actor is None else served.begin(actor)

    world = World(begin, clock)
    every = (Channel.IN_APP, Channel.TELEGRAM, Channel.EMAIL)
    ada = await world.register(wallet(1), told_by=every, telegram=CHAT)
    bob = await world.register(wallet(2), told_by=(Channel.EMAIL,))
    at = clock.now()
    for user_id, email in ((ada, MAILBOX), (bob, BOBS)):
        async with begin(user_id) as work:
            await work.users.record((await work.users.get(user_id)).reach_by_email(email, at=at))
    async with begin(ada) as work:
        await work.users.record((await work.users.get(ada)).link(wallet=wallet(3), label=LABEL, at=at))
        later = at + timedelta(days=99)
        code = ContactCode(
            code_hash=bytes(32), user_id=ada, channel="email", contact=MAILBOX, expires_at=later
        )
        await work.contact_codes.issue(code)
        await work.sessions.open(
            Session(token_hash=bytes(32), user_id=ada, opened_at=at, expires_at=later, name=f"of {MAILBOX}")
        )
        await work.requests.claim("key", b"print", at=at, until=later)
        await work.requests.answer("key", Answer(status=200, headers=(), body=MAILBOX.encode()))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 11_000), wallet(3): (1, 900)}
    world.peers[Channel.TELEGRAM].answers = [Refused(f"busy with {CHAT}"), Lost(f"no word of {CHAT}")]
    world.peers[Channel.EMAIL].answers = [Taken({"reply": f"250 {name} taken"}) for name in (MAILBOX, BOBS)]
    for dollars in (None, 1750, 1350, 1900):
        await world.live(dollars)
    await world.observe(1300)
    await world.react()
    account = Account.serving(home_folder(database_server.shared / "postgres") / "data")
    pg_dump = find_binaries(None, account).program("pg_dump")
    alert = next(one for one in await world.alerts() if one.user_id == ada)
    yield House(database, pg_dump, ada, bob, str(alert.id))
    await served.close()
    await working.close()


def test_nothing_says_any_more_who_somebody_was_and_the_log_holds(
    plimsoll: Run, house: House, tmp_path: Path
) -> None:
    (tmp_path / "seal.pem").write_bytes(new_key())
    settings = house.url | {"PLIMSOLL_SEAL_KEY_FILE": str(tmp_path / "seal.pem")}
    assert house.traces() == list(NEEDLES)
    assert plimsoll("audit", "seal", **settings).status == 0

    plimsoll("audit", "forget", str(house.ada), **settings).refuses_with(
        "--yes", "Nobody is here to be asked"
    )
    done = plimsoll("audit", "forget", str(house.ada), "--yes", "--json", **settings).json
    assert done["user_id"] == str(house.ada)
    assert (done["done_before"], done["facts_in_the_clear"]) == (False, 0)
    assert done["sealed_facts"] >= 8
    assert done["withdrawn"] >= 1

    assert house.traces() == []
    assert house.traces([BOBS]) == [BOBS]
    after = plimsoll("audit", "verify", "--json", **settings).json
    assert (after["untouched"], after["seals"]) == (True, 1)
    replayed = plimsoll("audit", "replay", "--json", **settings)
    assert replayed.status == 0, replayed
    assert replayed.json["identical"] is True
    _shows_nothing(plimsoll, house, settings)

    again = plimsoll("audit", "forget", str(house.ada), "--json", **settings).json
    assert (again["done_before"], again["forgotten_at"]) == (True, done["forgotten_at"])


def _shows_nothing(plimsoll: Run, house: House, settings: dict[str, str]) -> None:
    """Ask everything that shows facts or states of Ada."""
    told = ""
    for question in (
        ["as-of", "user", str(house.ada), "--position", "6", "--json"],
        ["explain", house.alert, "--json"],
        ["log", "--limit", "1000", "--json"],
    ):
        answer = plimsoll("audit", *question, **settings)
        assert answer.status == 0, answer
        assert not any(needle in answer.out for needle in NEEDLES), question
        told = answer.out
    found = [json.loads(line) for line in told.splitlines()]
    emails = {one["fact"]["email"] for one in found if one["type"] == "email.verified.v1"}
    assert emails == {FORGOTTEN, BOBS}


def test_a_person_is_told_what_will_be_lost_and_may_say_no(
    plimsoll: Run, house: House, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    environment = {
        "PATH": os.environ["PATH"],
        "COLUMNS": "120",
        **house.url,
        "PLIMSOLL_DATA_DIR": str(tmp_path),
    }
    with closing(os.fdopen(ours, "wb", buffering=0)) as keyboard:
        keyboard.write(b"n\n")
        ran = subprocess.run(
            [PLIMSOLL, "audit", "forget", wallet(1)],
            stdin=theirs,
            capture_output=True,
            text=True,
            env=environment | {"PLIMSOLL_SECRET_KEYS": SECRET_KEYS},
            timeout=60,
            check=False,
        )
        os.close(theirs)
    assert ran.returncode == 1
    assert "a mailbox and a Telegram chat" in ran.stderr
    assert "become unreadable" in ran.stderr
    assert "Nothing was done" in ran.stderr
    assert MAILBOX not in ran.stdout + ran.stderr
    assert house.traces() == list(NEEDLES)


def test_whoever_is_not_there_cannot_be_forgotten(plimsoll: Run, database: Database) -> None:
    url = {"DATABASE_URL": database.admin_url}
    nobody = "0199aaaa-0000-7000-8000-000000000000"
    plimsoll("audit", "forget", nobody, "--yes", **url).refuses_with("There is no such account")
    plimsoll("audit", "forget", **url).refuses_with("either a user or --again", status=2)
    assert plimsoll("audit", "forget", "--again", "--json", **url).json == {"forgotten": []}


def test_with_a_wrong_ring_nothing_is_shown_lost_or_taken_for_forgotten(plimsoll: Run, house: House) -> None:
    ran = plimsoll("audit", "log", "--json", **house.url, PLIMSOLL_SECRET_KEYS=new_entry("other").strip())
    ran.refuses_with("the ring of secret keys does not hold", "nothing is lost")
    assert FORGOTTEN not in ran.out


def test_without_a_key_nothing_serves_a_database_of_ones_own(plimsoll: Run, database: Database) -> None:
    for command in ("serve", "up"):
        ran = plimsoll(command, DATABASE_URL=database.admin_url, PLIMSOLL_SECRET_KEYS="")
        ran.refuses_with("PLIMSOLL_SECRET_KEYS_FILE", "openssl rand -base64 32")


def test_the_master_key_is_changed_and_the_old_one_thrown_away(plimsoll: Run, database: Database) -> None:
    url, old, new = {"DATABASE_URL": database.admin_url}, new_entry("old").strip(), new_entry("new").strip()
    assert plimsoll("db", "seed", wallet(1), **url, PLIMSOLL_SECRET_KEYS=old).status == 0
    rotated = plimsoll("db", "rotate-keys", "--json", **url, PLIMSOLL_SECRET_KEYS=f"{new},{old}").json
    assert rotated == {"key": "new", "wrapped_anew": 1}
    assert plimsoll("audit", "log", "--json", **url, PLIMSOLL_SECRET_KEYS=new).status == 0
