import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.portfolios import SPECS, Portfolio, portfolios
from web3 import Web3

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.packages import NodePackages
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from domain.positions.observation import Observed
from domain.positions.position import LendingPosition
from domain.shared.chain import Address, Block

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


class Contracts:
    """The truth: the contracts' own answers through web3.py."""

    def __init__(self, local: LocalMarket, packages: NodePackages) -> None:
        self._web3 = Web3(Web3.HTTPProvider(local.node.url))
        self._pool = self._contract(packages, "protocol/pool/Pool", local.market.pool, "getUserAccountData")
        self._data = self._contract(
            packages, "misc/AaveProtocolDataProvider", local.market.data_provider, "getUserReserveData"
        )
        self._tokens = {token: symbol for symbol, token in local.market.tokens.items()}

    async def agree_with(self, reader: AaveV3Reader, wallets: Sequence[Address]) -> Observed:
        block = await reader.head()
        observed = await reader.read(wallets, block)
        assert observed.unread == ()
        positions = {position.wallet: position for position in observed.positions}
        assert {*positions, *observed.without_position} == set(wallets)
        for wallet in wallets:
            said = tuple(self._ask(self._pool.functions.getUserAccountData(_checksum(wallet)), block))
            ours = _account(positions.get(wallet))
            assert (said[0], said[1], said[3], said[4], said[5]) == ours, wallet
        return observed

    def agree_on_legs(self, positions: Sequence[LendingPosition], block: Block) -> None:
        for position in positions:
            legs = {leg.reserve.asset: leg for leg in position.legs}
            for token in self._tokens:
                asked = self._data.functions.getUserReserveData(_checksum(token), _checksum(position.wallet))
                supplied, stable, variable, *_, is_collateral = self._ask(asked, block)
                leg = legs.pop(token, None)
                found = (leg.supplied, leg.stable_debt, leg.variable_debt) if leg else (0, 0, 0)
                assert found == (supplied, stable, variable)
                assert leg is None or leg.is_collateral == is_collateral
                assert leg is None or leg.reserve.symbol == self._tokens[token]
            assert not legs

    def _contract(self, packages: NodePackages, path: str, at: Address, function: str) -> Any:
        file = packages.root / f"@aave/core-v3/artifacts/contracts/{path}.sol/{path.rsplit('/', 1)[-1]}.json"
        abi = [one for one in json.loads(file.read_text())["abi"] if one.get("name") == function]
        return self._web3.eth.contract(address=_checksum(at), abi=abi)

    def _ask(self, function: Any, block: Block) -> Any:
        return function.call(block_identifier=block.number)


def _account(position: LendingPosition | None) -> tuple[int, int, int, int, int]:
    if position is None:
        return 0, 0, 0, 0, 2**256 - 1
    account = position.account
    health = account.health_factor.wad if account.health_factor is not None else 2**256 - 1
    return account.total_collateral, account.total_debt, account.liquidation_threshold, account.ltv, health


def _moved(symbol: str, by: int) -> Decimal:
    return (SPECS[symbol].price * by / 10**8).quantize(Decimal("1e-8"))


def _checksum(address: Address) -> Any:
    return Web3.to_checksum_address(address)
