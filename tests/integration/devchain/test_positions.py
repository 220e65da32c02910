import random
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from adapters.devchain.plan import PositionPlan
from adapters.devchain.transaction import Reverted
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from domain.shared.chain import Address
from domain.shared.errors import Unavailable


async def test_two_hundred_positions_open_in_a_handful_of_blocks(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    plans = [plan(number) for number in range(200)]
    before = await chain.block_number()
    await treasury.open_positions(plans)
    assert await chain.block_number() <= before + 5
    accounts = [await Wallet(chain, market, one.wallet).account() for one in plans]
    assert all(one.debt > 0 and one.health_factor > 10**18 for one in accounts)


async def test_one_refused_step_is_named_and_leaves_the_node_mining(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    greedy = PositionPlan(wallet=wallet(1), supplies={"WETH": Decimal(1)}, borrows={"USDC": Decimal(2_400)})
    with pytest.raises(Reverted, match="borrow USDC: 36"):
        await treasury.open_positions([greedy])
    await treasury.give(wallet(1), "USDC", Decimal(1))
    assert await Wallet(chain, market, wallet(1)).balance("USDC") == 1


async def test_a_supply_can_stay_idle(chain: Chain, market: AaveMarket, treasury: Treasury) -> None:
    supplies = {"WETH": Decimal(1), "WBTC": Decimal(1)}
    await treasury.open_positions(
        [PositionPlan(wallet=wallet(1), supplies=supplies, idle=frozenset({"WBTC"}))]
    )
    assert (await Wallet(chain, market, wallet(1)).account()).collateral == 2_500 * 10**8


async def test_restoring_takes_back_positions_prices_and_time(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    one = Wallet(chain, market, wallet(1))
    block, time = await chain.block_number(), await chain.time()
    async with chain.restored():
        await treasury.open_positions([plan(1)])
        await treasury.set_price("WETH", Decimal(1))
        await chain.increase_time(86_400)
        assert (await one.account()).collateral > 0
    assert (await one.account()).collateral == 0
    assert await treasury.price("WETH") == 2_500
    assert (await chain.block_number(), await chain.time()) == (block, time)
    await chain.mine()
    assert await chain.time() < time + 3_600


async def test_a_snapshot_serves_once(chain: Chain) -> None:
    snapshot = await chain.snapshot()
    await chain.revert(snapshot)
    with pytest.raises(Unavailable, match="does not know that snapshot"):
        await chain.revert(snapshot)


async def test_a_dumped_chain_goes_on_elsewhere(
    chain: Chain, market: AaveMarket, treasury: Treasury, node_packages: NodePackages, tmp_path: Path
) -> None:
    await treasury.open_positions([plan(1)])
    state = await chain.dump()
    log = tmp_path / "anvil.log"
    async with Anvil.running_while(node_packages, log=log) as node, Chain.at(node.url) as copy:
        await copy.load(state)
        theirs = await Wallet(copy, market, wallet(1)).account()
        assert theirs.collateral == (await Wallet(chain, market, wallet(1)).account()).collateral
        await Treasury(copy, market, node_packages).set_price("USDC", Decimal("1.5"))
        assert (await Wallet(copy, market, wallet(1)).account()).debt > theirs.debt
    assert await treasury.price("USDC") == 1


def wallet(number: int) -> Address:
    return Address(f"0x{0x91_0000 + number:040x}")


def plan(number: int) -> PositionPlan:
    chance = random.Random(number)
    symbol, price = chance.choice([("WETH", 2_500), ("WBTC", 60_000)])
    amount = Decimal(chance.randint(1, 2_000)) / 100
    debt = (amount * price * Decimal(chance.randint(20, 68)) / 100).quantize(Decimal("0.000001"))
    return PositionPlan(wallet=wallet(number), supplies={symbol: amount}, borrows={"USDC": debt})
