from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.oracle import Contracts
from tests.integration.evm.portfolios import SPECS, Portfolio, portfolios

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.packages import NodePackages
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from domain.shared.chain import Address

_WALLETS_AN_EXAMPLE, _EXAMPLES = 80, 5
_numbers = count(1)

price_moves = st.dictionaries(
    st.sampled_from(sorted(SPECS)), st.integers(min_value=20_000_001, max_value=199_999_999), min_size=1
)


@given(
    chosen=st.lists(portfolios, min_size=_WALLETS_AN_EXAMPLE, max_size=_WALLETS_AN_EXAMPLE),
    seconds=st.integers(min_value=1, max_value=3 * 365 * 86_400),
    moves=price_moves,
)
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
async def test_every_number_equals_the_contracts_own_to_the_last_digit(
    wide_chain: Chain,
    wide_market: AaveMarket,
    wide_treasury: Treasury,
    wide_reader: AaveV3Reader,
    wide_local_market: LocalMarket,
    node_packages: NodePackages,
    chosen: list[Portfolio],
    seconds: int,
    moves: dict[str, int],
) -> None:
    oracle = Contracts(wide_local_market, node_packages)
    async with wide_chain.restored():
        plans = [one.plan(Address(f"0x{next(_numbers):040x}")) for one in chosen]
        await wide_treasury.open_positions(plans)
        wallets = [plan.wallet for plan in plans]
        await oracle.agree_with(wide_reader, wallets)
        await wide_chain.increase_time(seconds)
        await oracle.agree_with(wide_reader, wallets)
        await wide_treasury.set_prices({symbol: _moved(symbol, by) for symbol, by in moves.items()})
        observed = await oracle.agree_with(wide_reader, wallets)
        oracle.agree_on_legs(observed.positions[:8], observed.block)


def _moved(symbol: str, by: int) -> Decimal:
    return (SPECS[symbol].price * by / 10**8).quantize(Decimal("1e-8"))
