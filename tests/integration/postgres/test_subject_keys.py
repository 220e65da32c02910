"""What the database itself sees to of the keys that personal fields are sealed with."""

from typing import LiteralString

import psycopg
import pytest
from tests.integration.postgres.facts import IDS, ME, SOMEBODY
from tests.integration.postgres.sealed_users import MAILBOX, NEW, NOW, OLD, Doors, emails, register

from adapters.codec.personal import HIDDEN
from adapters.postgres import subject_keys
from adapters.postgres.ids import adapters
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from application.audit.forgetting.forget_user import ForgetUser
from application.audit.forgetting.rotate_keys import RotateKeys
from application.audit.reading.sight import Sight
from application.identity.appoint_operator import AppointOperator
from application.shared.ports import Place
from application.shared.secrets import NoSecretKeys, RingLacksKey, WrongKey
from domain.identity.events import EmailVerified
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import UserId


async def test_each_reads_by_their_own_key_and_cannot_see_anothers(doors: Doors) -> None:
    app = doors.open(OLD, as_app=True)
    await register(app, ME)
    await register(app, SOMEBODY)
    assert await emails(app, ME) == [MAILBOX]
    with psycopg.connect(conninfo(doors.database.app_url), context=adapters()) as connection:
        connection.execute("SELECT set_config('app.actor', %s, true)", [str(ME)])
        assert connection.execute("SELECT user_id FROM subject_keys").fetchall() == [(ME,)]
        assert connection.execute(
            "SELECT user_id FROM hold_subject_keys(%s::uuid[], false)", [[ME, SOMEBODY]]
        ).fetchall() == [(ME,)]


async def test_an_operator_reads_others_facts_and_not_who_they_are(doors: Doors) -> None:
    app, worker = doors.open(OLD, as_app=True), doors.open(OLD)
    await register(app, ME)
    await register(app, SOMEBODY)
    await AppointOperator(worker.begin, SystemClock())(user_id=ME)

    async def seen(subject: UserId | None) -> list[str]:
        async with app.begin_sight(Sight(ME, subject)) as work:
            facts = await work.facts.after(Place(0), limit=100, types=(EmailVerified,))
        return [one.fact.email for one in facts if isinstance(one.fact, EmailVerified)]

    assert await seen(ME) == [MAILBOX]
    assert await seen(SOMEBODY) == [HIDDEN]
    assert await seen(None) == [HIDDEN, HIDDEN]
    await ForgetUser(worker.begin, SystemClock())(SOMEBODY)
    assert await seen(SOMEBODY) == [HIDDEN]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subject_keys SET wrapped_key = '\\x00'",
        "DELETE FROM subject_keys",
        "TRUNCATE subject_keys",
        "INSERT INTO subject_keys (user_id, sealed_after, destroyed_at) VALUES (gen_random_uuid(), 0, now())",
    ],
)
async def test_the_http_server_only_makes_its_actors_own_key(doors: Doors, statement: LiteralString) -> None:
    await register(doors.open(OLD, as_app=True))
    with psycopg.connect(conninfo(doors.database.app_url), context=adapters()) as connection:
        connection.execute("SELECT set_config('app.actor', %s, true)", [str(ME)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subject_keys SET wrapped_key = '\\x00', ring_key_id = 'old', destroyed_at = NULL",
        "UPDATE subject_keys SET destroyed_at = now()",
        "DELETE FROM subject_keys",
        "TRUNCATE subject_keys",
    ],
)
async def test_a_destroyed_key_stays_destroyed_even_for_an_administrator(
    doors: Doors, statement: LiteralString
) -> None:
    worker = doors.open(OLD)
    await register(worker)
    await ForgetUser(worker.begin, SystemClock())(ME)
    with doors.admin() as admin, pytest.raises(psycopg.errors.InsufficientPrivilege):
        admin.execute(statement)


async def test_a_key_of_somebody_else_opens_nothing(doors: Doors) -> None:
    worker = doors.open(OLD)
    await register(worker, ME)
    await register(worker, SOMEBODY)
    with doors.admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE subject_keys SET wrapped_key = other.wrapped_key FROM subject_keys AS other "
            "WHERE other.user_id <> subject_keys.user_id"
        )
    with pytest.raises(WrongKey):
        await emails(worker)


async def test_a_transaction_that_reads_everything_does_not_keep_every_key(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = doors.open(OLD)
    users = [UserId(IDS.new()) for _ in range(4)]
    for user in users:
        await register(worker, user)
    monkeypatch.setattr(subject_keys, "MOST", 1)
    async with worker.begin(None) as work:
        for user in users * 2:
            told = [one.fact for one in await work.facts.of(user)]
            assert EmailVerified(user_id=user, email=MAILBOX, at=NOW) in told
            assert len(work.subjects.known) <= 2


async def test_keys_are_wrapped_anew_and_the_old_master_key_can_go(doors: Doors) -> None:
    before = doors.open(OLD)
    for user in (ME, SOMEBODY):
        await register(before, user)
    await ForgetUser(before.begin, SystemClock())(SOMEBODY)
    after = doors.open(NEW)
    with pytest.raises(RingLacksKey):
        await emails(after)
    both = doors.open(NEW, OLD)
    assert await RotateKeys(both.begin)() == 1
    assert await RotateKeys(both.begin)() == 0
    assert await emails(after) == [MAILBOX, FORGOTTEN]
    with pytest.raises(NoSecretKeys):
        await emails(doors.open())
