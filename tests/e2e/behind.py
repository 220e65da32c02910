"""A world whose node is reached over a wire that tests may break."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from pydantic import SecretStr

from adapters.devchain.chain import Chain
from adapters.devchain.treasury import Treasury
from adapters.devpeers.bot_api import LocalBotApi
from adapters.system.clock import SystemClock
from entrypoints.cli.demo.client import Client
from entrypoints.serving import http_server
from tests.e2e.wire import Wire
from tests.e2e.world import World, settings_for
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database

TIMEOUT = 1.0


@asynccontextmanager
async def world_behind(
    wire: Wire, local: LocalMarket, chain: Chain, treasury: Treasury, database: Database
) -> AsyncIterator[World]:
    async with LocalBotApi.running_while() as bot, aiohttp.ClientSession() as session:
        settings = settings_for(local, database, bot)
        over_the_wire = {
            "rpc_url": SecretStr(f"http://127.0.0.1:{wire.port}"),
            "ws_url": SecretStr(f"ws://127.0.0.1:{wire.port}"),
            "timeout": TIMEOUT,
        }
        chains = {id_: one.model_copy(update=over_the_wire) for id_, one in settings.chains.items()}
        settings = settings.model_copy(update={"chains": chains})
        async with http_server(settings, database.app_url) as url:
            client = Client(session, url, SystemClock())
            yield World(settings, database, local, chain, treasury, bot, client)
