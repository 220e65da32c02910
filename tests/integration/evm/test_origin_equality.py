from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.oracle import Contracts
from tests.integration.evm.origin_portfolios import OriginPortfolio, origin_portfolios

from adapters.devchain.abi import call_data
from adapters.devchain.packages import NodePackages
from adapters.devchain.reserves import FIVE_RESERVES
from adapters.devchain.transaction import Transaction
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from domain.positions.law import Law
from domain.shared.chain import Address

_WALLETS_AN_EXAMPLE, _EXAMPLES = 80, 4
_PRICES = {spec.symbol: spec.price for spec in FIVE_RESERVES}
_numbers = count(1)

moves_of_price = st.dictionaries(
    st.sampled_from(sorted(_PRICES)), st.integers(min_value=20_000_001, max_value=199_999_999), min_size=1
)


@given(
    chosen=st.lists(origin_portfolios, min_size=_WALLETS_AN_EXAMPLE, max_size=_WALLETS_AN_EXAMPLE),
    seconds=st.integers(min_value=1, max_value=3 * 365 * 86_400),
    moves=moves_of_price,
)
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
async def test_every_number_equals_that_of_todays_contracts_to_the_last_digit(
    origin_treasury: Treasury,
    origin_reader: AaveV3Reader,
    origin_local_market: LocalMarket,
    node_packages: NodePackages,
    chosen: list[OriginPortfolio],
    seconds: int,
    moves: dict[str, int],
) -> None:
    oracle = Contracts(origin_local_market, node_packages)
    async with origin_treasury.chain.restored():
        plans = [one.plan(Address(f"0x{next(_numbers):040x}")) for one in chosen]
        await origin_treasury.open_positions(plans)
        wallets = [plan.wallet for plan in plans]
        await oracle.agree_with(origin_reader, wallets)
        await origin_treasury.chain.increase_time(seconds)
        await oracle.agree_with(origin_reader, wallets)
        await origin_treasury.set_prices({symbol: _moved(symbol, by) for symbol, by in moves.items()})
        observed = await oracle.agree_with(origin_reader, wallets)
        oracle.agree_on_legs(observed.positions[:8], observed.block)
        await _let_owners_tighten_the_limits(origin_treasury)
        observed = await oracle.agree_with(origin_reader, wallets)
        assert {position.law for position in observed.positions} == {observed.law} == {Law.V3_6}


async def _let_owners_tighten_the_limits(treasury: Treasury) -> None:
    market = treasury.market
    for signature, *arguments in (
        ("setAssetLtvzeroInEMode(address,uint8,bool)", market.token("DAI"), 2, True),
        ("setAssetCollateralInEMode(address,uint8,bool)", market.token("WETH"), 1, False),
        ("setReserveLtvzero(address,bool)", market.token("wstETH"), True),
    ):
        data = call_data(str(signature), *arguments)
        step = Transaction(label=str(signature), sender=market.admin, to=market.configurator, data=data)
        await treasury.chain.send(step)


def _moved(symbol: str, by: int) -> Decimal:
    return (_PRICES[symbol] * by / 10**8).quantize(Decimal("1e-8"))
