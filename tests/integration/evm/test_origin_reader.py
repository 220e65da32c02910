from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from aiohttp import web
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import Liar, is_call, lying_before
from tests.integration.evm.oracle import Contracts

from adapters.devchain.origin.emodes import DOLLARS
from adapters.devchain.packages import NodePackages
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.rpc import JsonRpc
from domain.positions.law import Law
from domain.positions.liquidation import liquidation_prices
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable

ANA, BO, CY = (Address(f"0x{number:040x}") for number in (0xA11A, 0xB0, 0xC1))
MAX_NUMBER_RESERVES = "f8119d51"
NO_FUNCTION = "00000001"


@pytest.fixture
async def opened(origin_treasury: Treasury) -> Treasury:
    await origin_treasury.open_positions(
        [PositionPlan(wallet=ANA, supplies={"WETH": Decimal(2)}, borrows={"USDC": Decimal("3000.1")})]
    )
    return origin_treasury


@pytest.fixture
async def liar(origin_local_market: LocalMarket) -> AsyncIterator[Liar]:
    async with lying_before(origin_local_market.node.url) as liar:
        yield liar


@pytest.fixture
async def doubtful(liar: Liar, origin_local_market: LocalMarket) -> AsyncIterator[AaveV3Reader]:
    rpc = JsonRpc(liar.url, chain_id=ChainId(31337))
    yield AaveV3Reader(rpc, origin_local_market.market.provider)
    await rpc.close()


async def test_the_law_is_that_of_the_pools_own_revision(
    opened: Treasury, origin_reader: AaveV3Reader
) -> None:
    observed = await origin_reader.read([ANA, BO], await origin_reader.head())
    [ana] = observed.positions
    assert (observed.law, ana.law) == (Law.V3_6, Law.V3_6)
    assert (observed.without_position, observed.unread) == ((BO,), ())


async def test_an_asset_may_be_collateral_inside_an_emode_only(
    opened: Treasury,
    origin_reader: AaveV3Reader,
    origin_local_market: LocalMarket,
    node_packages: NodePackages,
) -> None:
    bo = Wallet(opened.chain, opened.market, BO)
    await opened.give_ether(BO)
    await opened.give(BO, "sUSDe", Decimal("1234.5678"))
    await bo.enter_emode(DOLLARS.id)
    await bo.supply("sUSDe", Decimal("1234.5678"))
    await bo.borrow("USDC", Decimal("1000.000001"))
    observed = await Contracts(origin_local_market, node_packages).agree_with(origin_reader, [ANA, BO])
    [position] = [one for one in observed.positions if one.wallet == BO]
    assert position.emode is not None
    assert (position.emode.id, position.emode.label) == (DOLLARS.id, DOLLARS.label)
    [staked] = position.collaterals()
    assert (staked.reserve.ltv, staked.reserve.liquidation_threshold) == (0, 0)
    assert (staked.reserve.emode, staked.reserve.lends_in_emode) == (DOLLARS.id, True)
    assert position.account.liquidation_threshold == DOLLARS.threshold
    outside = (await origin_reader.reserves(observed.block))[staked.reserve.asset]
    assert outside.emode == 0


@pytest.fixture
async def still(origin_treasury: Treasury) -> AsyncIterator[None]:
    """Blocks of one time: no interest falls due between them."""
    await origin_treasury.chain.rpc.call("anvil_setBlockTimestampInterval", 0)
    yield
    await origin_treasury.chain.rpc.call("anvil_removeBlockTimestampInterval")


@pytest.mark.usefixtures("still")
async def test_the_liquidation_price_is_the_contracts_own_line(
    opened: Treasury, origin_reader: AaveV3Reader
) -> None:
    [ana] = (await origin_reader.read([ANA], await origin_reader.head())).positions
    [line] = [one.price for one in liquidation_prices(ana) if one.symbol == "WETH"]
    healths = []
    for price in (line, line + 1):
        await opened.set_price("WETH", Decimal(f"{price}e-8"))
        [seen] = (await origin_reader.read([ANA], await origin_reader.head())).positions
        assert seen.health_factor is not None
        healths.append(seen.health_factor.liquidatable)
    assert healths == [True, False]


async def test_a_liquidation_is_told_of(opened: Treasury, origin_reader: AaveV3Reader) -> None:
    await opened.set_price("WETH", Decimal(1_700))
    await opened.give_ether(CY)
    await opened.give(CY, "USDC", Decimal(10_000))
    cy = Wallet(opened.chain, opened.market, CY)
    call = await cy.liquidate(ANA, collateral="WETH", debt="USDC", amount=Decimal("500.5"))
    [found] = await origin_reader.liquidations([ANA], 0, await origin_reader.head())
    assert (found.liquidator, found.collateral_symbol, found.debt_symbol) == (CY, "WETH", "USDC")
    assert (found.debt_covered, found.collateral_seized) == (call.debt_covered, call.collateral_taken)


@pytest.mark.parametrize(
    ("instead", "sentence"),
    [
        (
            MAX_NUMBER_RESERVES,
            "is of revision 128, a release of Aave v3 whose arithmetic Plimsoll does not know",
        ),
        (NO_FUNCTION, "does not tell its revision at this block"),
    ],
)
async def test_a_release_that_nobody_has_read_leaves_its_wallets_unknown_until_it_is_known(
    opened: Treasury, liar: Liar, doubtful: AaveV3Reader, instead: str, sentence: str
) -> None:
    block = await doubtful.head()
    known = await doubtful.read([ANA, BO], block)
    liar.lie = _asking(liar, instead)
    observed = await doubtful.read([ANA, BO], block)
    assert (observed.positions, observed.without_position, observed.law) == ((), (BO,), None)
    [unread] = observed.unread
    assert unread.wallet == ANA
    assert sentence in unread.reason
    with pytest.raises(Unavailable, match=sentence):
        await doubtful.reserves(block)
    liar.lie = None
    assert await doubtful.read([ANA, BO], block) == known


def _asking(liar: Liar, instead: str) -> Callable[[Any], Any]:
    """Let the node answer another question where it is asked for the pool's revision."""

    async def lie(asked: Any) -> web.StreamResponse | None:
        if not is_call(asked):
            return None
        other = orjson.loads(orjson.dumps(asked).replace(contracts.POOL_REVISION.encode(), instead.encode()))
        return web.json_response(body=orjson.dumps(await liar.truth(other)))

    return lie
