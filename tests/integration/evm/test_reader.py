from decimal import Decimal

import pytest

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.abi import call_data
from adapters.devchain.chain import Chain
from adapters.devchain.plan import PositionPlan
from adapters.devchain.transaction import Transaction
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.refusals import BlockUnknown
from adapters.evm.rpc import JsonRpc
from application.positions.ports import MarketReader
from domain.positions.health import HealthFactor
from domain.positions.observation import Observed
from domain.shared.chain import Address, Block
from domain.shared.errors import Unavailable

ANA, BO, CY, DEE = (Address(f"0x{number:040x}") for number in (0xA11A, 0xB0, 0xC1, 0xDEE))


@pytest.fixture
async def opened(treasury: Treasury) -> Treasury:
    await treasury.open_positions(
        [
            PositionPlan(wallet=ANA, supplies={"WETH": Decimal(2)}, borrows={"USDC": Decimal(1_000)}),
            PositionPlan(
                wallet=BO, supplies={"WBTC": Decimal(1), "WETH": Decimal(1)}, idle=frozenset({"WETH"})
            ),
            PositionPlan(wallet=CY, supplies={"USDC": Decimal(5)}, idle=frozenset({"USDC"})),
        ]
    )
    return treasury


async def test_each_wallet_is_in_exactly_one_place(opened: Treasury, reader: AaveV3Reader) -> None:
    port: MarketReader = reader
    observed = await port.read([ANA, DEE, BO, ANA, CY], await port.head())
    assert [one.wallet for one in observed.positions] == [ANA, BO]
    assert observed.without_position == (DEE, CY)
    assert observed.unread == ()
    assert observed.market == opened.market.pool


async def test_a_leg_tells_the_stake_and_the_reserve(opened: Treasury, reader: AaveV3Reader) -> None:
    observed = await reader.read([ANA, BO], await reader.head())
    ana, bo = observed.positions
    weth, usdc = ana.legs
    assert (weth.reserve.symbol, weth.supplied, weth.is_collateral, weth.debt) == (
        "WETH",
        2 * 10**18,
        True,
        0,
    )
    assert (usdc.reserve.symbol, usdc.supplied, usdc.reserve.decimals) == ("USDC", 0, 6)
    assert usdc.variable_debt >= 1_000 * 10**6
    assert weth.reserve.price == 2_500 * 10**8
    assert weth.reserve.liquidation_bonus == 10_500
    assert isinstance(ana.health_factor, HealthFactor)
    assert {leg.reserve.symbol: leg.is_collateral for leg in bo.legs} == {"WETH": False, "WBTC": True}
    assert bo.health_factor is None


async def test_no_wallets_are_no_positions(reader: AaveV3Reader) -> None:
    observed = await reader.read([], await reader.head())
    assert (*observed.positions, *observed.without_position, *observed.unread) == ()


async def test_the_pool_serves_as_well_as_the_addresses_provider(
    opened: Treasury, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    by_pool = AaveV3Reader(rpc, opened.market.pool)
    assert await by_pool.read([ANA, BO, DEE], block) == await reader.read([ANA, BO, DEE], block)


@pytest.mark.parametrize("at", [DEE, "token"])
async def test_an_address_without_a_market_is_said_so(rpc: JsonRpc, market: AaveMarket, at: str) -> None:
    elsewhere = AaveV3Reader(rpc, market.token("WETH") if at == "token" else Address(at))
    with pytest.raises(Unavailable, match="does not show the Aave v3 market at 0x"):
        await elsewhere.read([ANA], await elsewhere.head())


async def test_a_price_that_fails_makes_unknown_only_those_who_hold_the_asset(
    opened: Treasury, reader: AaveV3Reader, market: AaveMarket
) -> None:
    block = await reader.head()
    await govern(opened.chain, market, "setAssetSources(address[],address[])", [market.token("WBTC")], [DEE])
    observed = await reader.read([ANA, BO, DEE], await reader.head())
    assert [one.wallet for one in observed.positions] == [ANA]
    assert [(one.wallet, one.reason) for one in observed.unread] == [
        (BO, "The market's oracle gives no price for WBTC at this block.")
    ]
    assert {one.symbol for one in (await reader.reserves(observed.block)).values()} == {"WETH", "USDC"}
    before = await reader.read([BO], block)
    assert before.unread == ()


async def test_an_older_block_is_read_as_it_was(opened: Treasury, reader: AaveV3Reader) -> None:
    before = await reader.head()
    first = await reader.read([ANA], before)
    await opened.set_price("WETH", Decimal(1_250))
    after = await reader.read([ANA], await reader.head())
    assert await reader.read([ANA], before) == first
    assert collateral(after) * 2 == collateral(first)


async def test_a_block_that_a_reorganisation_replaced_is_unknown_not_empty(
    opened: Treasury, reader: AaveV3Reader
) -> None:
    async with opened.chain.restored():
        await opened.set_price("WETH", Decimal(1_000))
        gone = await reader.head()
        await reader.read([ANA], gone)
    await opened.chain.mine(3)
    with pytest.raises(BlockUnknown, match="does not know block"):
        await reader.read([ANA], gone)


async def test_a_block_of_which_the_node_never_heard_is_unknown(reader: AaveV3Reader) -> None:
    head = await reader.head()
    with pytest.raises(BlockUnknown):
        await reader.read([ANA], Block(head.number + 9, f"0x{'ab' * 32}", head.time))


async def test_emodes_that_appear_after_the_first_reading_are_learnt(
    opened: Treasury, reader: AaveV3Reader, market: AaveMarket
) -> None:
    await reader.read([ANA], await reader.head())
    setting = "setEModeCategory(uint8,uint16,uint16,uint16,address,string)"
    await govern(opened.chain, market, setting, 7, 9_100, 9_400, 10_200, NOBODY, "Seventh heaven")
    await Wallet(opened.chain, market, BO).enter_emode(7)
    [bo] = (await reader.read([BO], await reader.head())).positions
    assert bo.emode is not None
    assert (bo.emode.id, bo.emode.label, bo.emode.liquidation_threshold) == (7, "Seventh heaven", 9_400)
    assert bo.account.liquidation_threshold == 7_500
    await govern(opened.chain, market, "setAssetEModeCategory(address,uint8)", market.token("WBTC"), 7)
    [bo] = (await reader.read([BO], await reader.head())).positions
    assert bo.account.liquidation_threshold == 9_400


async def test_an_emode_may_price_its_assets_itself(
    wide_treasury: Treasury, wide_reader: AaveV3Reader, wide_market: AaveMarket
) -> None:
    block = await wide_reader.head()
    dai = wide_market.token("DAI")
    assert (await wide_reader.reserves(block))[dai].price == 99_983_417
    assert (await wide_reader.reserves(block, emode=2))[dai].price == 100_000_000
    assert (await wide_reader.reserves(block, emode=200))[dai].price == 99_983_417


def collateral(observed: Observed) -> int:
    [position] = observed.positions
    return position.account.total_collateral


NOBODY = f"0x{'00' * 20}"


async def govern(chain: Chain, market: AaveMarket, signature: str, *arguments: object) -> None:
    to = market.oracle if signature.startswith("setAssetSources") else market.configurator
    data = call_data(signature, *arguments)
    await chain.send(Transaction(label=signature, sender=market.admin, to=to, data=data))
