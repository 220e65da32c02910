from collections.abc import AsyncIterator

import pytest

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.mailbox import LocalMailbox
from adapters.notify.bot_api import BotApi

CHAT = "770011"


@pytest.fixture
async def telegram() -> AsyncIterator[LocalBotApi]:
    async with LocalBotApi.running_while() as server:
        server.introduce(CHAT)
        yield server


@pytest.fixture
async def api(telegram: LocalBotApi) -> AsyncIterator[BotApi]:
    async with BotApi(telegram.token, url=telegram.url) as api:
        yield api


@pytest.fixture
async def mailbox() -> AsyncIterator[LocalMailbox]:
    async with LocalMailbox.running_while(accounts={"plimsoll": "a pass phrase"}) as server:
        yield server
