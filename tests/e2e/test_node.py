"""The node goes away, dawdles or raves while everything runs: nothing is made up, and nothing is missed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeAlias

import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.treasury import Treasury
from entrypoints.cli.demo.client import Client
from tests.e2e.asking import asked, failures, refuses, replayed, serves
from tests.e2e.behind import TIMEOUT, world_behind
from tests.e2e.wire import Wire, wire
from tests.e2e.world import World, items, until, working
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database

Turn: TypeAlias = Callable[[Wire], Awaitable[None]]


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


async def cut(line: Wire) -> None:
    await line.cut()


async def join(line: Wire) -> None:
    await line.join()


async def slow(line: Wire) -> None:
    line.delay = 2 * TIMEOUT


async def quick(line: Wire) -> None:
    line.delay = 0


async def rave(line: Wire) -> None:
    line.garbage = True


async def sober(line: Wire) -> None:
    line.garbage = False
    line.hang_up()


@pytest.mark.parametrize(
    ("breaks", "mends", "sentence"),
    [
        pytest.param(cut, join, "cannot be reached", id="down"),
        pytest.param(slow, quick, "did not answer within 1 seconds", id="slow"),
        pytest.param(rave, sober, "answered with something that is not JSON", id="raving"),
    ],
)
async def test_while_a_node_fails_nothing_is_made_up_and_afterwards_the_alarm_rings_once(
    one: World, line: Wire, breaks: Turn, mends: Turn, sentence: str
) -> None:
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        [before] = await until(lambda: positions(alice))
        await until(serves(alice, "/readyz"))
        greeted = len(one.bot.sent)

        await breaks(line)
        assert sentence in await until(refuses(alice, "/readyz"))
        status, problem = await asked(alice, "POST", "/v1/positions/simulation", halving(one))
        assert (status, problem["type"]) == (503, "/problems/unavailable")
        assert sentence in problem["detail"]
        await one.treasury.set_price("WETH", Decimal(2_000))  # 10 WETH x 2000 x 0.825 / 12000 = 1.375
        await until(lambda: failed("snapshots-31337"))
        [meanwhile] = await positions(alice)
        assert meanwhile["observed_at"] >= before["observed_at"]
        assert meanwhile["holdings"] == before["holdings"]
        assert await items(alice, "/v1/alerts") == []

        await mends(line)
        alarm = await one.bot.until_sent(greeted + 1)
        assert "1.37" in alarm.text
        await until(serves(alice, "/readyz"))
        for snapshot in await items(alice, "/v1/positions/history"):
            assert snapshot["status"] == "known"
            assert Decimal(snapshot["holdings"]["account"]["total_collateral_usd"]) > 0
    await replayed(one)
    assert len(one.bot.sent) == greeted + 1


async def positions(client: Client) -> list[Any]:
    return list((await client.get("/v1/positions"))["items"])


async def failed(loop: str) -> bool:
    return failures(loop) >= 1


def halving(one: World) -> dict[str, object]:
    step = {"kind": "price", "asset": one.local.market.token("WETH"), "price": "1250"}
    return {"wallet": address_of("alice"), "chain_id": one.local.node.chain_id, "steps": [step]}
