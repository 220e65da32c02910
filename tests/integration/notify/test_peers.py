import asyncio

import pytest

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.mailbox import LocalMailbox
from adapters.notify.bot_api import Answered, BotApi
from domain.shared.errors import Unavailable


async def test_a_port_that_is_taken_is_named(telegram: LocalBotApi, mailbox: LocalMailbox) -> None:
    taken = int(telegram.url.rpartition(":")[2])
    with pytest.raises(Unavailable, match=f"Port {taken} is taken"):
        async with LocalBotApi.running_while(port=taken):
            pass
    with pytest.raises(Unavailable, match=f"Port {mailbox.port} is taken"):
        async with LocalMailbox.running_while(port=mailbox.port):
            pass


async def test_the_bot_says_who_it_is(api: BotApi) -> None:
    reply = await api.call("getMe", {}, patience=5)
    assert isinstance(reply, Answered)
    assert reply.envelope is not None
    assert reply.envelope.result["is_bot"] is True


async def test_a_method_that_is_not_there_is_refused(api: BotApi) -> None:
    reply = await api.call("sendEverything", {}, patience=5)
    assert isinstance(reply, Answered)
    assert (reply.status, reply.words) == (404, "Not Found")


async def test_the_bot_api_stops_while_somebody_waits_for_messages() -> None:
    async with LocalBotApi.running_while() as telegram:
        api = BotApi(telegram.token, url=telegram.url)
        waiting = asyncio.create_task(api.call("getUpdates", {"timeout": 60}, patience=90))
        await asyncio.sleep(0.1)
    async with asyncio.timeout(10), api:
        assert isinstance(await waiting, Answered)
