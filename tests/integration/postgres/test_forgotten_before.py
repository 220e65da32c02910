"""What was written before anything was sealed, or lies half built, goes as far as it can."""

import pytest
from tests.integration.postgres.facts import ME, SOMEBODY
from tests.integration.postgres.sealed_users import MAILBOX, NOW, OLD, Doors, emails, register, wallet_of

from adapters.codec.events import encode
from adapters.codec.personal import Keyless
from adapters.codec.sealing import PREFIX
from adapters.system.clock import SystemClock
from application.audit.forgetting.forget_user import ForgetUser
from application.shared.ports import Place
from domain.identity.events import EmailVerified, WalletLinked
from domain.shared.forgotten import FORGOTTEN


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


async def test_a_key_that_a_backup_brought_back_is_destroyed_again(doors: Doors) -> None:
    worker = doors.open(OLD)
    await register(worker)
    forget = ForgetUser(worker.begin, SystemClock())
    with doors.admin() as admin:
        [backup] = admin.execute("SELECT wrapped_key, ring_key_id FROM subject_keys").fetchall()
        await forget(ME)
        assert await forget.revived() == ()
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE subject_keys SET wrapped_key = %s, ring_key_id = %s, destroyed_at = NULL", [*backup]
        )
    assert await emails(worker) == [MAILBOX]
    assert await forget.revived() == (ME,)
    assert not (await forget.foreseen(ME)).done_before
    assert not (await forget(ME)).done_before
    assert await emails(worker) == [FORGOTTEN]
    assert await forget.revived() == ()
