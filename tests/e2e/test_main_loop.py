from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.treasury import Treasury
from domain.shared.money import plain
from entrypoints.cli.demo.client import Client
from entrypoints.container.worker import Background
from tests.e2e.world import World, items, until, working, world
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database


@pytest.fixture
async def one(
    local_market: LocalMarket, chain: Chain, treasury: Treasury, database: Database
) -> AsyncIterator[World]:
    async with world(local_market, chain, treasury, database) as made:
        yield made


async def test_a_fall_rings_once_is_acknowledged_and_ends_in_an_all_clear(one: World) -> None:
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        greeted = len(one.bot.sent)

        await one.treasury.set_price("WETH", Decimal(2_000))  # 10 WETH x 2000 x 0.825 / 12000 = 1.375
        alarm = await one.bot.until_sent(greeted + 1)
        assert "1.37" in alarm.text
        assert "below your 1.5" in alarm.text

        [alert] = await items(alice, "/v1/alerts")
        await until(lambda: _status(alice, alert["id"], "sent"))
        await alice.post(f"/v1/alerts/{alert['id']}/acknowledgement")
        assert await _status(alice, alert["id"], "acknowledged")

        for hover in (2_010, 1_990, 2_005):
            await one.treasury.set_price("WETH", Decimal(hover))
        await one.treasury.set_price("WETH", Decimal(2_500))
        clear = await one.bot.until_sent(greeted + 2)
        assert clear.text.startswith("All clear")
        assert await until(lambda: _status(alice, alert["id"], "resolved"))
        assert len(await items(alice, "/v1/alerts")) == 1

    await _replayed(one)


async def test_the_health_factor_that_we_store_is_the_contracts_own(one: World) -> None:
    async with working(one):
        alice = await one.borrower("alice", usdc=11_111)

        [position] = await until(lambda: _positions(alice))
        account = await one.wallet("alice").account()
    told = position["holdings"]["account"]["health_factor"]
    assert Decimal(told) == Decimal(account.health_factor).scaleb(-18)


async def test_a_liquidation_is_told_with_its_transaction(one: World) -> None:
    async with working(one):
        bob = await one.borrower("bob", usdc=13_000)
        await one.linked(bob)
        await until(lambda: _positions(bob))
        await one.treasury.set_price("WETH", Decimal(1_500))
        await until(lambda: _alert(bob, "health_factor_critical"))
        liquidator = one.wallet("liquidator")
        await one.treasury.give_ether(liquidator.address)
        await one.treasury.give(liquidator.address, "USDC", Decimal(20_000))
        call = await liquidator.liquidate(address_of("bob"), collateral="WETH", debt="USDC")
        alert = await until(lambda: _alert(bob, "position_liquidated"))
        assert "Liquidated" in alert["message"]
        told = await until(lambda: _told(one, "Liquidated"))
        assert f"{plain(call.collateral_taken)} WETH of collateral were seized" in told
        assert call.transaction in told
    await _replayed(one)


async def _status(client: Client, alert_id: str, status: str) -> bool:
    shown = await client.get(f"/v1/alerts/{alert_id}")
    return bool(shown["alert"]["status"] == status)


async def _positions(client: Client) -> list[Any]:
    return list((await client.get("/v1/positions"))["items"])


async def _alert(client: Client, type: str) -> dict[str, str] | None:
    found = await items(client, "/v1/alerts")
    return next((alert for alert in found if alert["type"] == type), None)


async def _told(one: World, word: str) -> str | None:
    return next((sent.text for sent in one.bot.sent if word in sent.text), None)


async def _replayed(one: World) -> None:
    container = Background(settings=one.settings, url=one.database.worker_url)
    try:
        report = await container.replay()()
        assert report.identical, report.differences
        assert report.decisions > 0
        assert report.pending == 0
    finally:
        await container.database().close()
