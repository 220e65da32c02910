"""Whoever is forgotten while others write of them leaves nothing behind, in whatever order that comes."""

import asyncio
from contextlib import suppress

import pytest
from tests.examples import detected, planned, raised, user_id
from tests.integration.postgres.facts import IDS, ME
from tests.integration.postgres.sealed_users import (
    MAILBOX,
    NOW,
    OLD,
    Doors,
    emails,
    register,
)

from adapters.codec.personal import SubjectForgotten
from adapters.system.clock import SystemClock
from application.audit.forgetting.forget_user import ForgetUser
from application.audit.replaying.fold import folded
from application.shared.ports import Place
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.alerts.events import DeliveryFailed
from domain.identity.errors import UserGone
from domain.shared.errors import StaleWrite
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import DeliveryId
from domain.signals.signal import Signal


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
