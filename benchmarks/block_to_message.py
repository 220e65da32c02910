import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import cycle

import aiohttp

from adapters.devchain.keys import address_of, key_of
from adapters.devchain.plan import PositionPlan
from adapters.devpeers.bot_api import LocalBotApi
from adapters.postgres.roles import app_url, worker_url
from adapters.system.clock import SystemClock
from benchmarks.stage import SECRET_KEYS, Stage, database_stage, market_stage
from benchmarks.work import Contest, Run, Work
from domain.shared.chain import ChainId
from entrypoints.cli.demo.client import Client
from entrypoints.serving import http_server
from entrypoints.settings import ChainSettings, HttpSettings, Settings, TelegramSettings
from entrypoints.working import work

_CHAT = "4242"
_PREFERENCES = {
    "risk_profile": "moderate",
    "alert_thresholds": {
        "health_factor_low": "1.5",
        "health_factor_critical": "1.1",
        "price_move": "0.9",
        "clear_margin": "0.02",
    },
    "active_signals": ["health_factor_low"],
    "notification_channels": ["telegram"],
}


@asynccontextmanager
async def _open() -> AsyncIterator[Contest]:
    async with market_stage() as stage, database_stage() as admin_url, LocalBotApi.running_while() as bot:
        settings = _settings(stage, admin_url, bot)
        stop = asyncio.Event()
        worker = asyncio.create_task(work(settings, worker_url(admin_url), stop))
        try:
            async with (
                http_server(settings, app_url(admin_url)) as url,
                aiohttp.ClientSession() as session,
            ):
                await _subscribe(stage, bot, Client(session, url, SystemClock()))
                yield Contest(ours=_crossing(stage, bot))
        finally:
            stop.set()
            await worker


async def _subscribe(stage: Stage, bot: LocalBotApi, http: Client) -> None:
    plan = PositionPlan(
        wallet=address_of("alice"), supplies={"WETH": Decimal(10)}, borrows={"USDC": Decimal(12_000)}
    )
    await stage.treasury.open_positions([plan])
    alice, _ = await http.signed_in(key_of("alice"), ChainId(stage.node.chain_id))
    code = (await alice.post("/v1/me/telegram"))["code"]
    await bot.write(_CHAT, code)
    await bot.until_sent(1)  # the bot's greeting
    await alice.put("/v1/me/preferences", _PREFERENCES)
    await asyncio.sleep(0.5)


def _crossing(stage: Stage, bot: LocalBotApi) -> Run:
    """Let the price cross alice's threshold, down and up in turn: each way a message is due."""
    prices = cycle((Decimal(2_000), Decimal(2_500)))

    async def run() -> float:
        before = len(bot.sent)
        sent = time.monotonic()
        await stage.treasury.set_price("WETH", next(prices))
        message = await bot.until_sent(before + 1, patience=30)
        return message.taken_at - sent

    return run


def _settings(stage: Stage, admin_url: str, bot: LocalBotApi) -> Settings:
    chain = ChainSettings.model_validate(
        {"rpc_url": stage.node.url, "ws_url": stage.node.ws_url, "market": stage.market.provider}
    )
    return Settings(
        _env_file=None,
        database_url=admin_url,
        secret_keys=SECRET_KEYS,
        chains={ChainId(stage.node.chain_id): chain},
        http=HttpSettings(port=0),
        telegram=TelegramSettings.model_validate({"token": bot.token, "api_url": bot.url}),
    )


def _percentile_95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


WORK = Work(
    name="block_to_message", unit="s (95th percentile)", open=_open, rounds=60, summary=_percentile_95
)
