"""SIGTERM ends a worker within ten seconds, and what it had in hand is finished or given back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.treasury import Treasury
from adapters.devpeers.bot_failures import Slow
from adapters.postgres.urls import conninfo
from tests.e2e.behind import world_behind
from tests.e2e.program import Program, environment_of
from tests.e2e.wire import Wire, wire
from tests.e2e.world import World, until, working
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database

TERMINATED = 128 + 15


@pytest.fixture
async def line(local_market: LocalMarket) -> AsyncIterator[Wire]:
    async with wire(local_market.node.port) as made:
        yield made


@pytest.fixture
async def one(
    line: Wire, local_market: LocalMarket, chain: Chain, treasury: Treasury, database: Database
) -> AsyncIterator[World]:
    async with world_behind(line, local_market, chain, treasury, database) as made:
        yield made


async def test_a_delivery_under_way_is_finished_first(one: World, tmp_path: Path) -> None:
    alice = await one.borrower("alice")
    async with working(one):
        await one.linked(alice)
    greeted = len(one.bot.sent)
    async with started(one, tmp_path) as worker:
        one.bot.fail(Slow(2))
        await one.treasury.set_price("WETH", Decimal(2_000))
        await one.bot.until_sent(greeted + 1)
        status, seconds, said = await worker.terminated()
    assert status == TERMINATED, said
    assert seconds < 10
    assert "worker stopped" in said
    assert "Traceback" not in said
    assert await counted(one, "SELECT status FROM deliveries WHERE channel = 'telegram'") == ["delivered"]


async def test_a_job_that_waits_for_a_dead_slow_node_is_given_back(
    one: World, line: Wire, tmp_path: Path
) -> None:
    await one.borrower("alice")
    async with started(one, tmp_path) as worker:
        await until(lambda: counted(one, "SELECT 'seen' FROM positions"))
        line.delay = 60
        line.hang_up()
        await until(lambda: counted(one, "SELECT 'doing' FROM procrastinate_jobs WHERE status = 'doing'"))
        status, seconds, said = await worker.terminated()
    assert status == TERMINATED, said
    assert seconds < 10
    assert "Traceback" not in said
    left = await counted(one, "SELECT status::text FROM procrastinate_jobs WHERE task_name LIKE 'snapshot%'")
    assert "doing" not in left


async def test_a_worker_that_has_only_just_begun_ends_at_once(one: World, tmp_path: Path) -> None:
    async with started(one, tmp_path) as worker:
        status, seconds, said = await worker.terminated()
    assert status == TERMINATED, said
    assert seconds < 5
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["serve", "work"])
async def test_without_its_database_a_process_ends_with_a_sentence(command: str, tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "postgresql://plimsoll:hunter2secret@127.0.0.1:1/plimsoll"}
    async with Program.running(command, folder=tmp_path, environment=nowhere) as program:
        status, said = await program.ended()
    assert status == 1
    assert "The database does not answer" in said
    assert "Traceback" not in said
    assert "hunter2secret" not in said


@asynccontextmanager
async def started(one: World, folder: Path) -> AsyncIterator[Program]:
    async with Program.running("work", folder=folder, environment=environment_of(one)) as worker:
        await worker.until_said("worker starts")
        yield worker


async def counted(one: World, question: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(conninfo(one.database.admin_url)) as connection:
        rows = await connection.execute(question.encode())
        return [row[0] for row in await rows.fetchall()]
