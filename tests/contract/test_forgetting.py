"""What is sealed, who reads it, and what is left of somebody who is forgotten: the same in memory and on PostgreSQL."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, detected, planned, raised, registered, user_id, wallet

from adapters.codec.events import encode
from adapters.codec.personal import PERSONAL, SubjectForgotten
from adapters.codec.sealing import PREFIX
from adapters.memory.clock import ManualClock
from application.audit.forgetting.forget_user import ForgetUser
from application.audit.forgetting.forgetting import ForgetWork
from application.audit.replaying.fold import folded
from application.identity.ports import ContactCode, Session
from application.shared.ports import Begin, Place, Recorded
from application.shared.requests import Answer
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.alerts.events import DeliveryFailed
from domain.identity.events import EmailVerified, TelegramLinked, UserForgotten, WalletLinked
from domain.identity.user import User
from domain.shared.errors import NotFound
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import DeliveryId, UserId
from domain.signals.signal import Signal

ADA, BOB = user_id("ada"), user_id("bob")
MAILBOX, CHAT = "ada@mailbox.example", "-1001234567890"


class Forgets(Work, ForgetWork):
    """Everything, and forgetting too."""


@pytest.fixture
async def ada(begin: Begin[Forgets], people: tuple[UserId, UserId]) -> User:
    """Ada, who has a mailbox, a chat, a labelled wallet, and three attempts to reach her: taken, refused, pending."""
    async with begin(ADA) as work:
        for change in (
            (user := await work.users.get(ADA)).reach_by_email(MAILBOX, at=AT),
            (user := user.after(EmailVerified(user_id=ADA, email=MAILBOX, at=AT))).reach_by_telegram(
                CHAT, at=AT
            ),
            (user := user.after(TelegramLinked(user_id=ADA, chat_id=CHAT, at=AT))).link(
                wallet=wallet("second"), label="sealed:v1:AAAA", at=AT
            ),
        ):
            await work.users.record(change)
    async with begin(None) as work:
        await work.signals.record(Signal.detected(detected()))
        await work.alerts.record(alert := raised())
        attempts = [planned(alert.state, attempt=number) for number in (1, 2, 3)]
        for attempt in attempts:
            await work.deliveries.record(attempt)
        await work.deliveries.record(attempts[0].state.succeed(receipt={"reply": f"250 {MAILBOX}"}, at=AT))
        await work.deliveries.record(attempts[1].state.fail(reason=f"No chat {CHAT}.", at=AT))
    async with begin(ADA) as work:
        return await work.users.get(ADA)


@pytest.fixture
def forget(begin: Begin[Forgets]) -> ForgetUser:
    return ForgetUser(begin, ManualClock())


async def facts(begin: Begin[Work], actor: UserId | None = None) -> list[Recorded]:
    async with begin(actor) as work:
        return list(await work.facts.after(Place(0), limit=1000))


async def deliveries(begin: Begin[Work]) -> list[Delivery]:
    async with begin(None) as work:
        return [
            one
            for one in await work.states.page("delivery", after=None, limit=9)
            if isinstance(one, Delivery)
        ]


async def test_personal_fields_are_stored_sealed_and_read_in_the_clear(begin: Begin[Work], ada: User) -> None:
    found = await facts(begin)
    assert {one.type for one in found} >= {"email.verified.v1", "telegram.linked.v1", "delivery.failed.v1"}
    for one in found:
        assert (PREFIX.encode() in one.stored) == (one.type in PERSONAL)
        assert MAILBOX.encode() not in one.stored
        assert CHAT.encode() not in one.stored
    mine = [one.fact for one in await facts(begin, ADA)]
    assert EmailVerified(user_id=ADA, email=MAILBOX, at=AT) in mine
    assert WalletLinked(user_id=ADA, address=wallet("second"), label="sealed:v1:AAAA", at=AT) in mine
    assert folded([one for one in found if one.stream == ADA]) == ada


async def test_the_same_fact_is_written_as_the_same_bytes(begin: Begin[Work], ada: User) -> None:
    found = await facts(begin)
    async with begin(None) as work:
        await work.facts.of(ADA)
        for one in found:
            if one.user_id == ADA and one.stream == ADA:
                assert work.facts.written(one.fact) == one.stored


async def test_of_one_who_is_forgotten_nobody_reads_who_they_were(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    before = await facts(begin)
    done = await forget(ADA)
    assert (done.withdrawn, done.done_before, done.facts.in_the_clear) == (1, False, 0)
    assert done.facts.sealed == 6
    after = await facts(begin)
    assert [one.stored for one in after[: len(before)]] == [one.stored for one in before]
    for actor in (None, ADA):
        told = [one.fact for one in await facts(begin, actor)]
        assert EmailVerified(user_id=ADA, email=FORGOTTEN, at=AT) in told
        assert TelegramLinked(user_id=ADA, chat_id=FORGOTTEN, at=AT) in told
        assert MAILBOX not in str(told)
        assert CHAT not in str(told)
    assert UserForgotten(user_id=ADA, at=done.user.forgotten_at or AT) in [one.fact for one in after]


async def test_what_is_stored_of_them_stays_the_fold_of_the_log(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    await forget(ADA)
    async with begin(None) as work:
        user = await work.users.get(ADA)
        assert (user.email, user.telegram_chat_id, user.wallets) == (None, None, ())
        assert folded(await work.facts.of(ADA)) == user
    for delivery in (found := await deliveries(begin)):
        async with begin(None) as work:
            assert folded(await work.facts.of(delivery.id)) == delivery
    assert sorted(str(one.receipt or one.reason) for one in found) == sorted(
        [str({"reply": FORGOTTEN}), FORGOTTEN, FORGOTTEN]
    )


async def test_others_are_not_touched(begin: Begin[Work], ada: User, forget: ForgetUser) -> None:
    async with begin(BOB) as work:
        bob = await work.users.get(BOB)
        await work.users.record(bob.reach_by_email("bob@mailbox.example", at=AT))
    await forget(ADA)
    assert EmailVerified(user_id=BOB, email="bob@mailbox.example", at=AT) in [
        one.fact for one in await facts(begin)
    ]


async def test_forgetting_twice_says_that_it_is_done(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    assert not (await forget.foreseen(ADA)).done_before
    first = await forget(ADA)
    count = len(await facts(begin))
    assert (await forget.foreseen(ADA)).done_before
    again = await forget(ADA)
    assert again.done_before
    assert again.at == first.at
    assert len(await facts(begin)) == count


async def test_somebody_who_left_before_can_be_forgotten(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    async with begin(ADA) as work:
        await work.users.record(ada.delete(at=LATER))
    done = await forget(ADA)
    assert done.user.deleted_at == LATER
    assert MAILBOX not in str([one.fact for one in await facts(begin)])


async def test_nobody_is_forgotten_whom_there_never_was(begin: Begin[Work], forget: ForgetUser) -> None:
    with pytest.raises(NotFound):
        await forget(ADA)
    assert await facts(begin) == []


async def fail_late(begin: Begin[Work], reason: str) -> None:
    """Plan an attempt to reach Ada, and put on record why it failed."""
    async with begin(None) as work:
        await work.signals.record(Signal.detected(detected(number=2)))
        await work.alerts.record(change := raised(number=2))
        await work.deliveries.record(late := planned(change.state))
        await work.deliveries.record(late.state.fail(reason=reason, at=LATER))


async def test_nothing_personal_is_recorded_of_somebody_forgotten(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    await forget(ADA)
    count = len(await facts(begin))
    with pytest.raises(SubjectForgotten):
        await fail_late(begin, f"No chat {CHAT}.")
    assert len(await facts(begin)) == count
    await fail_late(begin, FORGOTTEN)
    assert (await facts(begin))[-1].fact == DeliveryFailed(
        delivery_id=DeliveryId((await facts(begin))[-1].stream), user_id=ADA, reason=FORGOTTEN, at=LATER
    )


async def test_whoever_comes_back_with_the_same_wallet_is_somebody_new(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    await forget(ADA)
    new = registered("again")
    user = User.register(
        id=new.state.id, wallet=ada.wallet_address, preferences=new.state.preferences, at=LATER
    )
    async with begin(new.state.id) as work:
        await work.users.record(user)
        await work.users.record(user.state.reach_by_email(MAILBOX, at=LATER))
    told = [one.fact for one in await facts(begin)]
    assert EmailVerified(user_id=new.state.id, email=MAILBOX, at=LATER) in told
    assert EmailVerified(user_id=ADA, email=FORGOTTEN, at=AT) in told


async def test_who_forgets_waits_for_those_who_write_of_the_user_instead_of_trying_again(
    begin: Begin[Forgets], ada: User
) -> None:
    opened: list[UserId | None] = []

    def counted(actor: UserId | None) -> AbstractAsyncContextManager[Forgets]:
        opened.append(actor)
        return begin(actor)

    [attempt] = [one for one in await deliveries(begin) if one.status is DeliveryStatus.PENDING]
    async with begin(None) as channel:
        await channel.deliveries.record(attempt.fail(reason=f"No chat {CHAT}.", at=AT))
        async with begin(ADA) as herself:
            await herself.users.record(ada.reach_by_email("another@mailbox.example", at=AT))
            forgetting = asyncio.create_task(ForgetUser(counted, ManualClock())(ADA))
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
        assert not forgetting.done()
    done = await forgetting
    assert (done.withdrawn, len(opened)) == (0, 1)
    assert {one.reason for one in await deliveries(begin)} == {None, FORGOTTEN}


async def test_what_a_transaction_undid_was_not_forgotten(begin: Begin[Forgets], ada: User) -> None:
    with suppress(ZeroDivisionError):
        async with begin(None) as work:
            await work.subjects.hold_to_destroy(ADA)
            await work.subjects.destroy(ADA, at=LATER)
            raise ZeroDivisionError
    assert EmailVerified(user_id=ADA, email=MAILBOX, at=AT) in [one.fact for one in await facts(begin)]


def test_what_says_nothing_of_anybody_is_stored_as_it_is() -> None:
    name, stored = encode(UserForgotten(user_id=ADA, at=AT))
    assert name not in PERSONAL
    assert PREFIX.encode() not in stored


async def test_sign_ins_codes_and_kept_answers_are_gone(
    begin: Begin[Work], ada: User, forget: ForgetUser
) -> None:
    until = AT.replace(year=9999)
    async with begin(ADA) as work:
        await work.sessions.open(Session(token_hash=bytes(32), user_id=ADA, opened_at=AT, expires_at=until))
        await work.contact_codes.issue(
            ContactCode(code_hash=bytes(32), user_id=ADA, channel="email", contact=MAILBOX, expires_at=until)
        )
        await work.requests.claim("key", b"asked", at=AT, until=LATER)
        await work.requests.answer("key", Answer(status=200, headers=(), body=MAILBOX.encode()))
    done = await forget(ADA)
    assert done.erased >= 3
    async with begin(ADA) as work:
        assert await work.sessions.holder(bytes(32), AT) is None
        assert await work.contact_codes.redeem(bytes(32), "email", at=AT) is None
        assert await work.requests.claim("key", b"asked anew", at=AT, until=LATER) is None
