"""A node of another chain answers, or an oracle has no price: no false alarm, no false all-clear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.devchain.batch import Batch
from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from adapters.devchain.treasury import Treasury
from entrypoints.cli.demo.client import Client
from tests.e2e.asking import asked, refuses, replayed, serves
from tests.e2e.behind import world_behind
from tests.e2e.wire import Wire, wire
from tests.e2e.world import World, items, until, working
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database


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


async def test_a_node_of_another_chain_with_the_same_contracts_is_not_believed(
    one: World, line: Wire, node_packages: NodePackages, tmp_path: Path
) -> None:
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        await until(lambda: positions(alice))
        greeted = len(one.bot.sent)
        async with twin(one, node_packages, tmp_path) as (other, elsewhere):
            await elsewhere.set_price("WETH", Decimal(1_000))
            line.to = other.port
            line.hang_up()
            assert "serves chain 4242" in await until(refuses(alice, "/readyz"))
            await asyncio.sleep(1.5)  # a round of snapshots, and a few heads
            assert await items(alice, "/v1/alerts") == []
            assert await prices_seen(alice) == {"2500"}
            line.to = one.local.node.port
            line.hang_up()
        await until(serves(alice, "/readyz"))
        await one.treasury.set_price("WETH", Decimal(2_000))
        alarm = await one.bot.until_sent(greeted + 1)
        assert "1.37" in alarm.text
    await replayed(one)


async def test_a_wallet_that_cannot_be_read_is_unknown_and_its_episode_goes_on(one: World) -> None:
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        greeted = len(one.bot.sent)
        await one.treasury.set_price("WETH", Decimal(2_000))
        await one.bot.until_sent(greeted + 1)

        await lose_price(one, "WETH")
        unread = await until(lambda: unknown(alice))
        assert unread["reason"] == "The market's oracle gives no price for WETH at this block."
        assert unread["holdings"] is None
        status, problem = await asked(alice, "POST", "/v1/positions/simulation", halving(one))
        assert status == 503
        assert "gives no price for WETH" in problem["detail"]
        [alert] = await items(alice, "/v1/alerts")
        assert alert["status"] == "sent"

        await one.treasury.set_price("WETH", Decimal(1_990))
        await until(lambda: known(alice))
        await one.treasury.set_price("WETH", Decimal(2_500))
        clear = await one.bot.until_sent(greeted + 2)
        assert clear.text.startswith("All clear")
        assert len(await items(alice, "/v1/alerts")) == 1
    await replayed(one)
    assert len(one.bot.sent) == greeted + 2


@asynccontextmanager
async def twin(one: World, packages: NodePackages, folder: Path) -> AsyncIterator[tuple[Anvil, Treasury]]:
    """Run a chain with another number, and everything that the first one has."""
    async with (
        Anvil.running_while(packages, log=folder / "twin.log", chain_id=4242) as node,
        Chain.at(node.url) as chain,
    ):
        await chain.load(await one.chain.dump())
        yield node, Treasury(chain, one.local.market, packages)


async def lose_price(one: World, symbol: str) -> None:
    """Point the market's oracle to a source that is no contract."""
    market = one.local.market
    batch = Batch(market.admin, await one.chain.nonce(market.admin))
    batch.call(
        market.oracle, "setAssetSources(address[],address[])", [market.token(symbol)], [address_of("nobody")]
    )
    await one.chain.send(*batch.transactions)


async def positions(client: Client) -> list[Any]:
    return list((await client.get("/v1/positions"))["items"])


async def unknown(client: Client) -> Any:
    return next((one for one in await positions(client) if one["status"] == "unknown"), None)


async def known(client: Client) -> Any:
    return next((one for one in await positions(client) if one["status"] == "known"), None)


async def prices_seen(client: Client) -> set[str]:
    history = await items(client, "/v1/positions/history")
    return {stake["price_usd"] for one in history for stake in one["holdings"]["collateral"]}


def halving(one: World) -> dict[str, object]:
    step = {"kind": "price", "asset": one.local.market.token("WETH"), "price": "1250"}
    return {"wallet": address_of("alice"), "chain_id": one.local.node.chain_id, "steps": [step]}
