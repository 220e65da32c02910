import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import aiohttp

from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of, key_of
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from adapters.devpeers.bot_api import LocalBotApi
from adapters.system.clock import SystemClock
from domain.shared.chain import ChainId
from entrypoints.cli.demo.client import Client
from entrypoints.serving import http_server
from entrypoints.settings import ChainSettings, HttpSettings, Settings, TelegramSettings
from entrypoints.working import work
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database
from tests.fixtures.secrets import SECRET_KEYS

FoundT = TypeVar("FoundT")

CHAT = "4242"
PREFERENCES = {
    "risk_profile": "moderate",
    "alert_thresholds": {
        "health_factor_low": "1.5",
        "health_factor_critical": "1.15",
        "price_move": "0.9",
        "clear_margin": "0.02",
    },
    "active_signals": ["health_factor_low", "health_factor_critical", "position_liquidated", "price_move"],
    "notification_channels": ["in_app", "telegram"],
}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that an end-to-end test stands on: a real chain, a real database, a Bot API, and our HTTP server."""

    settings: Settings
    database: Database
    local: LocalMarket
    chain: Chain
    treasury: Treasury
    bot: LocalBotApi
    http: Client

    def wallet(self, name: str) -> Wallet:
        return Wallet(self.chain, self.local.market, address_of(name))

    async def borrower(self, name: str, *, weth: int = 10, usdc: int = 12_000) -> Client:
        """Open a position for a new user, who signs in with its wallet."""
        plan = PositionPlan(
            wallet=address_of(name), supplies={"WETH": Decimal(weth)}, borrows={"USDC": Decimal(usdc)}
        )
        await self.treasury.open_positions([plan])
        client, _ = await self.http.signed_in(key_of(name), ChainId(self.local.node.chain_id))
        return client

    async def linked(self, client: Client, chat: str = CHAT) -> None:
        """Have the user reached by Telegram; some worker has to run."""
        code = (await client.post("/v1/me/telegram"))["code"]
        await self.bot.write(chat, f"/start {code}")
        await until(lambda: _telegram(client))
        await client.put("/v1/me/preferences", PREFERENCES)


async def _telegram(client: Client) -> bool:
    return bool((await client.get("/v1/me"))["telegram_linked"])


async def until(seen: Callable[[], Awaitable[FoundT | None]], *, patience: float = 30) -> FoundT:
    """Ask again and again until something is found."""
    async with asyncio.timeout(patience):
        while not (found := await seen()):  # noqa: ASYNC110 - what we wait for is behind an API
            await asyncio.sleep(0.02)
        return found


async def items(client: Client, path: str, **query: str) -> list[Any]:
    return [item async for item in client.items(path, **query)]


def settings_for(local: LocalMarket, database: Database, bot: LocalBotApi) -> Settings:
    chain = ChainSettings(
        rpc_url=local.node.url, ws_url=local.node.ws_url, market=local.market.provider, interval=1, poll=0.2
    )
    return Settings(
        _env_file=None,
        database_url=database.admin_url,
        secret_keys=SECRET_KEYS,
        chains={ChainId(local.node.chain_id): chain},
        http=HttpSettings(port=0),
        telegram=TelegramSettings(token=bot.token, api_url=bot.url),
    )


@asynccontextmanager
async def world(
    local: LocalMarket, chain: Chain, treasury: Treasury, database: Database
) -> AsyncIterator[World]:
    async with LocalBotApi.running_while() as bot, aiohttp.ClientSession() as session:
        settings = settings_for(local, database, bot)
        async with http_server(settings, database.app_url) as url:
            client = Client(session, url, SystemClock())
            yield World(settings, database, local, chain, treasury, bot, client)


@asynccontextmanager
async def working(one: World) -> AsyncIterator[None]:
    """Run a worker for as long as the block lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(one.settings, one.database.worker_url, stop))
    try:
        yield
    finally:
        stop.set()
        await task
