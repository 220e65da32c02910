"""The truth that every number is held against."""

import json
from collections.abc import Sequence
from typing import Any

from tests.fixtures.chain import LocalMarket
from web3 import Web3

from adapters.devchain.packages import NodePackages
from adapters.evm.aave_v3.reader import AaveV3Reader
from domain.positions.observation import Observed
from domain.positions.position import LendingPosition
from domain.shared.chain import Address, Block


class Contracts:
    """The contracts' own answers through web3.py; what is asked looks the same in every release."""

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


def _checksum(address: Address) -> Any:
    return Web3.to_checksum_address(address)
