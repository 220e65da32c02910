from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.bot_failures import Says
from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.memory.ids import SequentialIds
from adapters.notify.bot_api import BotApi
from adapters.notify.telegram_inbox import BotInbox
from application.identity.forget_contact import ForgetContact
from application.identity.link_telegram import (
    HELLO,
    LINKED,
    SWITCHED_OFF,
    UNKNOWN,
    IssueTelegramCode,
    ReceiveTelegramCodes,
)
from application.identity.strangers import MOST_ANSWERS, MOST_TRIES, Strangers
from domain.identity.errors import UserGone
from domain.identity.preferences import Channel, Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import address
from domain.shared.errors import Invalid
from domain.shared.ids import UserId

CHAT = "4711"


@dataclass(frozen=True, slots=True)
class House:
    """Plimsoll in memory, with a real bot inbox."""

    database: MemoryDatabase
    clock: ManualClock
    ids: SequentialIds
    issue: IssueTelegramCode
    receive: ReceiveTelegramCodes

    async def user(self, number: int = 1) -> UserId:
        user_id = UserId(self.ids.new())
        preferences = Preferences.of(RiskProfile.MODERATE)
        async with self.database.begin(user_id) as work:
            await work.users.record(
                User.register(
                    id=user_id,
                    wallet=address(f"0x{number:040x}"),
                    preferences=preferences,
                    at=self.clock.now(),
                )
            )
        return user_id

    async def chat_of(self, id: UserId) -> str | None:
        async with self.database.begin(id) as work:
            return (await work.users.get(id)).telegram_chat_id


@pytest.fixture
def house(api: BotApi) -> House:
    clock, ids = ManualClock(), SequentialIds()
    database = MemoryDatabase(clock)
    return House(
        database,
        clock,
        ids,
        IssueTelegramCode(database.begin, clock, ids),
        ReceiveTelegramCodes(database.begin, BotInbox(api, wait=0), clock),
    )


@pytest.mark.parametrize("form", ["{}", "/start {}", "/start@plimsoll_bot {}", " {} ", "lower", "hyphen"])
async def test_a_code_links_the_chat_that_it_came_from(
    house: House, telegram: LocalBotApi, form: str
) -> None:
    ann = await house.user()
    code = (await house.issue(actor=ann)).code
    forms = {"lower": code.lower(), "hyphen": f"{code[:5]}-{code[5:]}"}
    await telegram.write(CHAT, forms.get(form) or form.format(code))
    assert await house.receive() == 1
    assert await house.chat_of(ann) == CHAT
    assert telegram.sent[-1].text == LINKED + SWITCHED_OFF


async def test_a_user_who_wants_telegram_is_not_told_to_switch_it_on(
    house: House, telegram: LocalBotApi
) -> None:
    ann = await house.user()
    async with house.database.begin(ann) as work:
        user = await work.users.get(ann)
        wanted = Preferences(
            risk_profile=user.preferences.risk_profile,
            alert_thresholds=user.preferences.alert_thresholds,
            active_signals=user.preferences.active_signals,
            notification_channels=(Channel.IN_APP, Channel.TELEGRAM),
        )
        await work.users.record(user.prefer(wanted, at=house.clock.now()))
    await telegram.write(CHAT, (await house.issue(actor=ann)).code)
    await house.receive()
    assert telegram.sent[-1].text == LINKED


async def test_a_code_works_once(house: House, telegram: LocalBotApi) -> None:
    ann = await house.user()
    code = (await house.issue(actor=ann)).code
    await telegram.write(CHAT, code)
    await telegram.write("666", code)
    assert await house.receive() == 1
    assert await house.chat_of(ann) == CHAT
    assert telegram.sent[-1].text == UNKNOWN


async def test_a_code_expires_and_a_new_one_voids_the_old(house: House, telegram: LocalBotApi) -> None:
    ann = await house.user()
    old, new = (await house.issue(actor=ann)).code, (await house.issue(actor=ann)).code
    await telegram.write(CHAT, old)
    assert await house.receive() == 0
    house.clock.advance(timedelta(minutes=10))
    await telegram.write(CHAT, new)
    assert await house.receive() == 0
    assert await house.chat_of(ann) is None


async def test_each_user_gets_their_own_chat(house: House, telegram: LocalBotApi) -> None:
    ann, bob = await house.user(1), await house.user(2)
    await telegram.write("1", (await house.issue(actor=ann)).code)
    await telegram.write("2", (await house.issue(actor=bob)).code)
    assert await house.receive() == 2
    assert (await house.chat_of(ann), await house.chat_of(bob)) == ("1", "2")


async def test_a_chat_can_be_forgotten(house: House, telegram: LocalBotApi) -> None:
    ann, forget = await house.user(), ForgetContact(house.database.begin, house.clock)
    await telegram.write(CHAT, (await house.issue(actor=ann)).code)
    await house.receive()
    for _ in range(2):
        await forget(actor=ann, channel=Channel.TELEGRAM)
    assert await house.chat_of(ann) is None
    with pytest.raises(Invalid):
        await forget(actor=ann, channel=Channel.IN_APP)


async def test_a_deleted_user_links_nothing(house: House, telegram: LocalBotApi) -> None:
    ann = await house.user()
    code = (await house.issue(actor=ann)).code
    async with house.database.begin(ann) as work:
        await work.users.record((await work.users.get(ann)).delete(at=house.clock.now()))
    with pytest.raises(UserGone):
        await house.issue(actor=ann)
    await telegram.write(CHAT, code)
    assert await house.receive() == 0
    assert "deleted" in telegram.sent[-1].text


async def test_a_stranger_is_told_what_the_bot_is_for(house: House, telegram: LocalBotApi) -> None:
    for text in ("hello", "/start", "x" * 4096, "'; drop table users; --", "\x00"):
        await telegram.write(str(len(text)), text)
    assert await house.receive() == 0
    assert [sent.text for sent in telegram.sent] == [HELLO] * 5


async def test_a_flood_of_strangers_costs_little_and_keeps_nobody_out(
    house: House, telegram: LocalBotApi
) -> None:
    ann = await house.user()
    for number in range(30):
        await telegram.write("666", f"AAAAAAAA{number:02}".replace("0", "A").replace("1", "B"))
    for number in range(15):
        await telegram.write(str(1000 + number), "hello")
    await telegram.write(CHAT, (await house.issue(actor=ann)).code)
    assert await house.receive() == 1
    told = [sent.chat_id for sent in telegram.sent]
    assert told.count("666") == MOST_TRIES
    assert len(told) == MOST_ANSWERS + 1
    assert told[-1] == CHAT


async def test_a_chat_may_try_again_after_a_while(house: House) -> None:
    strangers = Strangers()
    tries = [strangers.may_try("1", house.clock.now()) for _ in range(MOST_TRIES + 1)]
    assert tries == [True] * MOST_TRIES + [False]
    assert strangers.may_try("1", house.clock.advance(timedelta(minutes=10)))


async def test_an_answer_that_cannot_be_given_undoes_nothing(house: House, telegram: LocalBotApi) -> None:
    ann = await house.user()
    telegram.fail(Says(429, "Too Many Requests"))
    await telegram.write(CHAT, (await house.issue(actor=ann)).code)
    assert await house.receive() == 1
    assert await house.chat_of(ann) == CHAT
