from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import error, lying_before, result

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.liquidation import LiquidationCall
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.refusals import BlockUnknown
from adapters.evm.rpc import JsonRpc
from domain.positions.observation import Liquidation
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable

ANA, BO, LIQUIDATOR = (Address(f"0x{number:040x}") for number in (0xA11A, 0xB0, 0x11C))


@pytest.fixture
async def calls(chain: Chain, market: AaveMarket, treasury: Treasury) -> list[LiquidationCall]:
    """Liquidate two wallets, a few blocks apart."""
    plans = [
        PositionPlan(wallet=wallet, supplies={"WETH": Decimal(2)}, borrows={"USDC": Decimal(3_900)})
        for wallet in (ANA, BO)
    ]
    await treasury.open_positions(plans)
    await treasury.set_price("WETH", Decimal(2_200))
    await treasury.give_ether(LIQUIDATOR)
    await treasury.give(LIQUIDATOR, "USDC", Decimal(10_000))
    liquidator = Wallet(chain, market, LIQUIDATOR)
    first = await liquidator.liquidate(ANA, collateral="WETH", debt="USDC", amount=Decimal("123.456789"))
    await chain.mine(7)
    return [first, await liquidator.liquidate(BO, collateral="WETH", debt="USDC", amount=Decimal(1))]


async def test_a_liquidation_is_told_in_whole_tokens_with_its_block(
    calls: list[LiquidationCall], reader: AaveV3Reader, market: AaveMarket
) -> None:
    head = await reader.head()
    [found] = await reader.liquidations([ANA], 0, head)
    assert (found.wallet, found.liquidator, found.market) == (ANA, LIQUIDATOR, market.pool)
    assert (found.debt_symbol, found.debt_covered) == ("USDC", Decimal("123.456789"))
    assert (found.collateral_symbol, found.collateral_seized) == ("WETH", calls[0].collateral_taken)
    assert found.transaction_hash == calls[0].transaction
    assert found.block_number == head.number - 8
    assert found.block_hash.startswith("0x")


async def test_only_the_asked_wallets_and_blocks_are_told(
    calls: list[LiquidationCall], reader: AaveV3Reader
) -> None:
    head = await reader.head()
    assert wallets(await reader.liquidations([ANA, BO], 0, head)) == [ANA, BO]
    assert wallets(await reader.liquidations([ANA, BO], head.number, head)) == [BO]
    assert wallets(await reader.liquidations([LIQUIDATOR], 0, head)) == []
    assert wallets(await reader.liquidations([], 0, head)) == []
    assert wallets(await reader.liquidations([BO], head.number + 1, head)) == []


async def test_many_wallets_are_filtered_here_instead_of_by_the_node(
    calls: list[LiquidationCall], reader: AaveV3Reader
) -> None:
    crowd = [Address(f"0x{number:040x}") for number in range(2**20, 2**20 + 500)]
    assert wallets(await reader.liquidations([*crowd, BO], 0, await reader.head())) == [BO]


async def test_ranges_are_split_where_the_node_limits_them(
    calls: list[LiquidationCall], reader: AaveV3Reader, local_market: LocalMarket
) -> None:
    def at_most_three_blocks(asked: Any) -> web.Response | None:
        if asked["method"] != "eth_getLogs":
            return None
        [query] = asked["params"]
        if int(query["toBlock"], 16) - int(query["fromBlock"], 16) > 2:
            return error(asked, "query exceeds the range of blocks")
        return None

    async with lying_before(local_market.node.url) as liar:
        liar.tells(at_most_three_blocks)
        rpc = JsonRpc(liar.url, chain_id=ChainId(31337))
        limited = AaveV3Reader(rpc, reader.market)
        head = await reader.head()
        assert await limited.liquidations([ANA, BO], 0, head) == await reader.liquidations([ANA, BO], 0, head)
        await rpc.close()


async def test_logs_up_to_a_replaced_block_are_refused(
    calls: list[LiquidationCall], reader: AaveV3Reader, chain: Chain
) -> None:
    async with chain.restored():
        await chain.mine(2)
        gone = await reader.head()
        await reader.liquidations([ANA], 0, gone)
    await chain.increase_time(99)
    await chain.mine(4)
    with pytest.raises(BlockUnknown):
        await reader.liquidations([ANA], 0, gone)


@pytest.mark.parametrize("logs", [None, [None], [{}], [{"topics": ["0x12"]}], ["0x"]])
async def test_garbled_logs_are_refused(
    logs: object, reader: AaveV3Reader, local_market: LocalMarket
) -> None:
    async with lying_before(local_market.node.url) as liar:
        liar.tells(lambda asked: result(asked, logs) if asked["method"] == "eth_getLogs" else None)
        rpc = JsonRpc(liar.url, chain_id=ChainId(31337))
        fooled = AaveV3Reader(rpc, reader.market)
        with pytest.raises(Unavailable, match="answered with"):
            await fooled.liquidations([ANA], 0, await reader.head())
        await rpc.close()


def wallets(found: tuple[Liquidation, ...]) -> list[Address]:
    return [one.wallet for one in found]
