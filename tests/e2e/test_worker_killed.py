"""Kill -9 of the worker at any moment loses no alert and records no delivery twice."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.treasury import Treasury
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from entrypoints.container.worker import Background
from tests.e2e.world import World, until, working, world
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database
from tests.fixtures.secrets import SECRET_KEYS

KILLS, MOST_KILLS, ALERTS = 24, 72, 4
MOMENTS = (
    "SELECT 1",
    "SELECT count(*) FROM events WHERE position > %(since)s AND type = 'positions.observed.v1'",
    "SELECT count(*) FROM events WHERE position > %(since)s AND type LIKE 'signal.%%'",
    "SELECT count(*) FROM events WHERE position > %(since)s AND type = 'delivery.planned.v1'",
    "SELECT count(*) FROM deliveries WHERE claimed_until > %(at)s + interval '60 seconds'",
    "SELECT count(*) FROM events WHERE position > %(since)s AND type = 'delivery.succeeded.v1'",
    "SELECT count(*) FROM events WHERE position > %(since)s AND type = 'alert.sent.v1'",
)
"""When to kill: at once, or as soon as the database shows that the work has come so far."""
LOW, HIGH = Decimal(2_000), Decimal(2_500)


@pytest.fixture
async def one(
    local_market: LocalMarket, chain: Chain, treasury: Treasury, database: Database
) -> AsyncIterator[World]:
    async with world(local_market, chain, treasury, database) as made:
        yield made


@pytest.mark.timeout(240)
async def test_a_worker_killed_at_any_moment_loses_no_alert_and_records_no_delivery_twice(
    one: World, tmp_path: Path
) -> None:
    alice = await one.borrower("alice")
    async with working(one):
        await one.linked(alice)
    price, moments = HIGH, cycle(MOMENTS)
    next_worker = asyncio.create_task(_worker(one, tmp_path))
    for kill in range(MOST_KILLS):
        if kill >= KILLS and await _alerts(one) >= ALERTS:
            break
        worker = await next_worker
        next_worker = asyncio.create_task(_worker(one, tmp_path))  # gets ready while this one is at work
        async with _admin(one) as connection:
            newest = await _number(connection, "SELECT coalesce(max(position), 0) FROM events")
            standing = await _number(connection, "SELECT count(*) FROM alerts WHERE resolved_at IS NULL")
            if standing == (price == LOW):  # the last move has had its effect: make another
                price = HIGH if price == LOW else LOW
            await one.treasury.set_price("WETH", price)
            await _until_seen(connection, next(moments), since=newest)
        worker.kill()
        await worker.wait()
    (await next_worker).kill()
    await (await next_worker).wait()

    await one.treasury.set_price("WETH", HIGH)
    async with working(one):
        await until(lambda: _quiet(one), patience=90)
    await _nothing_lost(one)
    await _nothing_doubled(one)


async def _until_seen(connection: psycopg.AsyncConnection, question: LiteralString, *, since: int) -> None:
    """Wait for the moment, which may have passed before the last worker was killed, and then never comes again."""
    values = {"since": since, "at": SystemClock().now()}
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            while not await _number(connection, question, values):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.001)


async def _number(
    connection: psycopg.AsyncConnection, question: LiteralString, values: Mapping[str, object] | None = None
) -> int:
    row = await (await connection.execute(question, values)).fetchone()
    assert row is not None
    return int(row[0])


async def _worker(one: World, folder: Path) -> asyncio.subprocess.Process:
    """Start a worker in a process of its own, and return once it works."""
    [(chain_id, chain)] = one.settings.chains.items()
    telegram = one.settings.telegram
    assert telegram is not None
    assert chain.ws_url is not None
    environment = {
        "DATABASE_URL": one.database.admin_url,
        "PLIMSOLL_SECRET_KEYS": SECRET_KEYS,
        f"PLIMSOLL_CHAINS__{chain_id}__RPC_URL": chain.rpc_url.get_secret_value(),
        f"PLIMSOLL_CHAINS__{chain_id}__WS_URL": chain.ws_url.get_secret_value(),
        f"PLIMSOLL_CHAINS__{chain_id}__MARKET": str(chain.market),
        "PLIMSOLL_TELEGRAM__TOKEN": telegram.token.get_secret_value(),
        "PLIMSOLL_TELEGRAM__API_URL": telegram.api_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from entrypoints.cli.app import main; main()",
        "work",
        env={**os.environ, **environment},
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"worker starts" not in (line := await process.stderr.readline()):
            assert line, "The worker ended before it began."
    return process


async def _alerts(one: World) -> int:
    async with _admin(one) as connection:
        return await _number(connection, "SELECT count(*) FROM alerts")


async def _quiet(one: World) -> bool:
    """Say whether nothing is left to do; claims of the dead are let lapse at once, instead of in a minute."""
    async with _admin(one) as connection:
        await connection.execute("UPDATE deliveries SET claimed_until = now() WHERE status = 'pending'")
        rows = await connection.execute(
            "SELECT (SELECT count(*) FROM deliveries WHERE status = 'pending')"
            " + (SELECT count(*) FROM alerts WHERE resolved_at IS NULL)"
        )
        left = await rows.fetchone()
    return left == (0,)


async def _nothing_lost(one: World) -> None:
    container = Background(settings=one.settings, url=one.database.worker_url)
    try:
        report = await container.replay()()
    finally:
        await container.database().close()
    assert report.identical, report.differences
    assert report.pending == 0
    async with _admin(one) as connection:
        alerts = await (await connection.execute("SELECT status, count(*) FROM alerts GROUP BY 1")).fetchall()
        unheard = await connection.execute(
            "SELECT a.id FROM alerts a WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.alert_id = a.id"
            " AND d.channel = 'telegram' AND d.status IN ('delivered', 'unconfirmed', 'withdrawn'))"
        )
        assert await unheard.fetchall() == []
    assert dict(alerts).keys() == {"resolved"}
    assert sum(dict(alerts).values()) >= ALERTS, "The kills came too early to prove anything."


async def _nothing_doubled(one: World) -> None:
    async with _admin(one) as connection:
        rows = await connection.execute(
            "SELECT alert_id, purpose, status, receipt ->> 'message_id' FROM deliveries WHERE channel = 'telegram'"
        )
        deliveries = await rows.fetchall()
    taken = Counter((alert, purpose) for alert, purpose, status, _ in deliveries if status == "delivered")
    assert set(taken.values()) <= {1}
    receipts = [receipt for *_, status, receipt in deliveries if status == "delivered"]
    assert len(set(receipts)) == len(receipts)
    sent = {str(message.message_id) for message in one.bot.sent}
    assert set(receipts) <= sent
    unconfirmed = sum(status == "unconfirmed" for *_, status, _ in deliveries)
    greetings = 1
    assert len(sent) - len(receipts) <= unconfirmed + greetings


@asynccontextmanager
async def _admin(one: World) -> AsyncIterator[psycopg.AsyncConnection]:
    address = conninfo(one.database.admin_url)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        yield connection
