import asyncio
import time

import pytest
from tests.integration.notify.conftest import CHAT

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.bot_failures import ServerError
from adapters.notify.bot_api import BotApi
from adapters.notify.telegram_inbox import BotInbox
from application.identity.ports import IncomingMessage
from domain.shared.errors import Unavailable


async def test_each_message_is_received_once(telegram: LocalBotApi, api: BotApi) -> None:
    inbox = BotInbox(api, wait=0)
    await telegram.write("1", "one")
    await telegram.write("2", "two")
    assert await inbox.receive() == (IncomingMessage("1", "one"), IncomingMessage("2", "two"))
    assert await inbox.receive() == ()
    await telegram.write("1", "three")
    assert await inbox.receive() == (IncomingMessage("1", "three"),)


async def test_a_message_ends_the_wait(telegram: LocalBotApi, api: BotApi) -> None:
    waiting = asyncio.create_task(BotInbox(api, wait=20).receive())
    await asyncio.sleep(0.1)
    before = time.monotonic()
    await telegram.write("1", "hello")
    assert await waiting == (IncomingMessage("1", "hello"),)
    assert time.monotonic() - before < 5


async def test_photographs_and_groups_are_passed_over(telegram: LocalBotApi, api: BotApi) -> None:
    inbox = BotInbox(api, wait=0)
    await telegram.write("1", None)
    await telegram.write("-100", "/start ABCDEFGHIJ", chat_type="supergroup")
    await telegram.write("2", "two")
    assert await inbox.receive() == (IncomingMessage("2", "two"),)
    assert await inbox.receive() == ()


async def test_more_messages_than_fit_into_one_answer_all_come(telegram: LocalBotApi, api: BotApi) -> None:
    inbox = BotInbox(api, wait=0)
    for number in range(120):
        await telegram.write("1", str(number))
    received = [message.text for _ in range(4) for message in await inbox.receive()]
    assert received == [str(number) for number in range(120)]


async def test_a_reply_reaches_the_chat(telegram: LocalBotApi, api: BotApi) -> None:
    await BotInbox(api).reply(CHAT, "hello")
    assert telegram.sent[-1].text == "hello"


async def test_a_reply_that_is_not_taken_says_so(telegram: LocalBotApi, api: BotApi) -> None:
    telegram.fail(ServerError(502))
    with pytest.raises(Unavailable, match="HTTP status 502"):
        await BotInbox(api).reply(CHAT, "hello")
    with pytest.raises(Unavailable, match="chat not found"):
        await BotInbox(api).reply("1", "hello")


async def test_of_two_readers_the_first_is_told_of_the_second(telegram: LocalBotApi, api: BotApi) -> None:
    first = asyncio.create_task(BotInbox(api, wait=20).receive())
    await asyncio.sleep(0.1)
    assert await BotInbox(api, wait=0).receive() == ()
    with pytest.raises(Unavailable, match="Another program reads this bot's messages"):
        await first


async def test_a_server_that_is_gone_is_unavailable(telegram: LocalBotApi) -> None:
    async with BotApi("1:wrong", url=telegram.url) as api:
        with pytest.raises(Unavailable, match="Unauthorized"):
            await BotInbox(api, wait=0).receive()
    async with BotApi("1:a", url="http://127.0.0.1:1") as api:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await BotInbox(api, wait=0).receive()
