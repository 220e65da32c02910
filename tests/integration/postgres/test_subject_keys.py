"""What the database itself sees to of the keys that personal fields are sealed with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import LiteralString

import psycopg
import pytest
from tests.examples import detected, planned, raised, user_id
from tests.fixtures.database import Database
from tests.integration.postgres.facts import IDS, ME, SOMEBODY

from adapters.codec.events import encode
from adapters.codec.personal import Keyless, SubjectForgotten
from adapters.codec.sealing import PREFIX
from adapters.postgres import subject_keys
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.secrets.key_ring import KeyRing, new_entry
from adapters.system.clock import SystemClock
from application.audit.fold import folded
from application.audit.forget_user import ForgetUser
from application.audit.rotate_keys import RotateKeys
from application.shared.ports import Place
from application.shared.secrets import NoSecretKeys, RingLacksKey, WrongKey
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.alerts.events import DeliveryFailed
from domain.identity.errors import UserGone
from domain.identity.events import EmailVerified, WalletLinked
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import Address
from domain.shared.errors import StaleWrite
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import DeliveryId, UserId
from domain.signals.signal import Signal

Databases = PostgresDatabase[PostgresWork]
OLD, NEW = new_entry("old"), new_entry("new")
NOW = SystemClock().now()
MAILBOX = "somebody@mailbox.example"


class Doors:
    """Opens the database with this ring or that one."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self.database, self._stack = database, stack

    def open(self, *lines: str, as_app: bool = False) -> Databases:
        ring = KeyRing.read("".join(lines)) if lines else None
        url = self.database.app_url if as_app else self.database.worker_url
        opened = PostgresDatabase(url, work=PostgresWork, clock=SystemClock(), ids=IDS, secrets=ring)
        self._stack.push_async_callback(opened.close)
        return opened

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(conninfo(self.database.admin_url), autocommit=True)


@pytest.fixture
async def doors(database: Database) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        yield Doors(database, stack)


def wallet_of(user: UserId) -> Address:
    return Address("0x" + (user.hex + user.hex)[-40:])


async def register(opened: Databases, user: UserId = ME) -> User:
    change = User.register(
        id=user, wallet=wallet_of(user), preferences=Preferences.of(RiskProfile.MODERATE), at=NOW
    )
    async with opened.begin(user) as work:
        await work.users.record(change)
        await work.users.record(change.state.reach_by_email(MAILBOX, at=NOW))
        return await work.users.get(user)


async def emails(opened: Databases, actor: UserId | None = None) -> list[str]:
    async with opened.begin(actor) as work:
        facts = await work.facts.after(Place(0), limit=100, types=(EmailVerified,))
    return [one.fact.email for one in facts if isinstance(one.fact, EmailVerified)]


async def test_each_reads_by_their_own_key_and_cannot_see_anothers(doors: Doors) -> None:
    app = doors.open(OLD, as_app=True)
    await register(app, ME)
    await register(app, SOMEBODY)
    assert await emails(app, ME) == [MAILBOX]
    with psycopg.connect(conninfo(doors.database.app_url)) as connection:
        connection.execute("SELECT set_config('app.actor', %s, true)", [str(ME)])
        assert connection.execute("SELECT user_id FROM subject_keys").fetchall() == [(ME,)]
        assert connection.execute(
            "SELECT user_id FROM hold_subject_keys(%s::uuid[], false)", [[ME, SOMEBODY]]
        ).fetchall() == [(ME,)]


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
    with psycopg.connect(conninfo(doors.database.app_url)) as connection:
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


async def test_of_two_first_writers_both_seal_with_the_same_key(doors: Doors) -> None:
    worker = doors.open(OLD)

    async def write() -> None:
        stream = IDS.new()
        async with worker.begin(None) as work:
            fact = DeliveryFailed(delivery_id=DeliveryId(stream), user_id=ME, reason=MAILBOX, at=NOW)
            work.facts.append(stream, 0, [fact])

    await asyncio.gather(*(write() for _ in range(8)))
    async with worker.begin(None) as work:
        facts = await work.facts.after(Place(0), limit=100)
    assert [one.fact.reason for one in facts if isinstance(one.fact, DeliveryFailed)] == [MAILBOX] * 8
    assert len({one.stored[-80:] for one in facts}) == 1


async def test_whoever_destroys_a_key_waits_for_those_who_write_with_it(doors: Doors) -> None:
    worker = doors.open(OLD)
    user = await register(worker)
    async with worker.begin(None) as work:
        await work.subjects.hold([ME])
        forgetting = asyncio.create_task(ForgetUser(worker.begin, SystemClock())(ME))
        await asyncio.sleep(0.2)
        assert not forgetting.done()
        stream = IDS.new()
        fact = DeliveryFailed(delivery_id=DeliveryId(stream), user_id=ME, reason=MAILBOX, at=NOW)
        work.facts.append(stream, 0, [fact])
    assert (await forgetting).user.version == user.version + 1
    async with worker.begin(None) as work:
        [told] = await work.facts.of(stream)
    assert told.fact == DeliveryFailed(delivery_id=DeliveryId(stream), user_id=ME, reason=FORGOTTEN, at=NOW)


async def test_whoever_writes_while_a_key_is_destroyed_is_refused(doors: Doors) -> None:
    worker = doors.open(OLD)
    await register(worker)

    async def write() -> None:
        async with worker.begin(None) as work:
            stream = IDS.new()
            fact = DeliveryFailed(delivery_id=DeliveryId(stream), user_id=ME, reason=MAILBOX, at=NOW)
            work.facts.append(stream, 0, [fact])

    async with worker.begin(None) as work:
        await work.subjects.hold_to_destroy(ME)
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.2)
        assert not writing.done()
        await work.subjects.destroy(ME, at=NOW)
    with pytest.raises(SubjectForgotten):
        await writing


async def test_what_a_user_says_while_they_are_forgotten_is_forgotten_or_refused(doors: Doors) -> None:
    app, worker = doors.open(OLD, as_app=True), doors.open(OLD)
    await register(app)

    async def change(number: int) -> bool:
        try:
            async with app.begin(ME) as work:
                user = await work.users.get(ME)
                await work.users.record(user.reach_by_email(f"{number}.{MAILBOX}", at=NOW))
        except (StaleWrite, SubjectForgotten, UserGone):
            return False
        return True

    forgetting = asyncio.create_task(ForgetUser(worker.begin, SystemClock())(ME))
    await asyncio.gather(*(change(number) for number in range(6)))
    done = await forgetting
    assert not done.done_before
    assert set(await emails(worker)) == {FORGOTTEN}
    async with worker.begin(None) as work:
        user = await work.users.get(ME)
    assert (user.email, user.forgotten_at) == (None, done.at)


async def test_what_channels_say_while_somebody_is_forgotten_is_nowhere_in_the_clear(doors: Doors) -> None:
    worker = doors.open(OLD)
    user = await register(worker, user_id("ada"))
    async with worker.begin(None) as work:
        await work.signals.record(Signal.detected(detected()))
        await work.alerts.record(alert := raised())
        attempts = [planned(alert.state, attempt=number).state for number in range(1, 9)]
        for number in range(1, 9):
            await work.deliveries.record(planned(alert.state, attempt=number))

    async def settle(delivery: Delivery) -> None:
        with suppress(StaleWrite, SubjectForgotten):
            async with worker.begin(None) as work:
                now = await work.deliveries.get(delivery.id)
                if now.status is DeliveryStatus.PENDING:
                    await work.deliveries.record(now.fail(reason=MAILBOX, at=NOW))

    forgetting = asyncio.create_task(ForgetUser(worker.begin, SystemClock())(user.id))
    await asyncio.gather(*map(settle, attempts))
    await forgetting
    async with worker.begin(None) as work:
        for attempt in attempts:
            delivery = await work.deliveries.get(attempt.id)
            assert delivery.reason == FORGOTTEN
            assert folded(await work.facts.of(attempt.id)) == delivery


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


async def test_facts_of_before_are_read_in_the_clear_and_shown_no_more_once_forgotten(doors: Doors) -> None:
    """As the version wrote them that sealed nothing; one label looks as if it had been sealed."""
    worker = doors.open(OLD)
    label = PREFIX + "A" * 40
    clear = [
        WalletLinked(user_id=ME, address=wallet_of(ME), label=label, at=NOW),
        EmailVerified(user_id=ME, email=MAILBOX, at=NOW),
    ]
    with doors.admin() as admin:
        for number, fact in enumerate(clear, start=1):
            name, payload = encode(fact)
            admin.execute(
                "INSERT INTO commits (number, first_position, event_count, recorded_at, root, chain) "
                "VALUES (%(n)s, %(n)s, 1, now(), %(h)s, %(h)s)",
                {"n": number, "h": bytes(32)},
            )
            admin.execute(
                "INSERT INTO events (position, stream_id, version, event_id, type, user_id, recorded_at, payload) "
                "VALUES (%s, gen_random_uuid(), 1, gen_random_uuid(), %s, %s, now(), %s)",
                [number, name, ME, payload],
            )
    assert await emails(worker) == [MAILBOX]
    await register(worker)
    assert await emails(worker) == [MAILBOX, MAILBOX]
    async with worker.begin(None) as work:
        first, *_ = await work.facts.after(Place(0), limit=1)
        counted = await work.traces.facts(ME)
    assert first.fact == clear[0]
    assert (counted.sealed, counted.in_the_clear) == (2, 2)
    done = await ForgetUser(worker.begin, SystemClock())(ME)
    assert done.facts.in_the_clear == 2
    assert await emails(worker) == [FORGOTTEN, FORGOTTEN]


async def test_somebody_of_whom_all_was_written_before_is_forgotten_too(doors: Doors) -> None:
    worker = doors.open(OLD)
    await register(worker)
    with doors.admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM subject_keys")
    async with worker.begin(None) as work:
        assert await work.subjects.hold_to_destroy(ME)
        await work.subjects.destroy(ME, at=NOW)
        assert work.subjects.known[ME] is Keyless.DESTROYED
    assert await emails(worker) == [FORGOTTEN]


async def test_a_half_built_copy_of_the_states_does_not_outlive_who_is_forgotten(doors: Doors) -> None:
    worker = doors.open(OLD)
    await register(worker)
    with doors.admin() as admin:
        admin.execute("SELECT begin_rebuild('user', %s)", [bytes(32)])
        admin.execute("INSERT INTO rebuilt_users SELECT * FROM users")
        await ForgetUser(worker.begin, SystemClock())(ME)
        assert admin.execute("SELECT to_regclass('rebuilt_users')").fetchone() == (None,)
        admin.execute("SELECT pg_advisory_lock(1347177740)")
        await register(worker, SOMEBODY)
        with pytest.raises(Exception, match="being rebuilt"):
            await ForgetUser(worker.begin, SystemClock())(SOMEBODY)
