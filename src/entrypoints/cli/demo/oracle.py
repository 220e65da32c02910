from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from web3 import AsyncHTTPProvider, AsyncWeb3

from adapters.devchain.aave_market import AaveMarket
from domain.positions.health import HealthFactor
from domain.shared.chain import Address

_NO_DEBT = 2**256 - 1
_ABI: list[Any] = [
    {
        "name": "getUserAccountData",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "user", "type": "address"}],
        "outputs": [
            {"name": name, "type": "uint256"}
            for name in ("collateral", "debt", "available", "threshold", "ltv", "healthFactor")
        ],
    }
]


class Oracle:
    """Asks the contract itself, through web3.py: nothing here shares a line with how Plimsoll reads the chain."""

    def __init__(self, url: str, market: AaveMarket) -> None:
        self._web3 = AsyncWeb3(AsyncHTTPProvider(url))
        pool = AsyncWeb3.to_checksum_address(market.pool)
        self._pool = self._web3.eth.contract(address=pool, abi=_ABI)

    @classmethod
    @asynccontextmanager
    async def asking(cls, url: str, market: AaveMarket) -> AsyncIterator["Oracle"]:
        """Connect to the node for as long as the block lasts."""
        oracle = cls(url, market)
        try:
            yield oracle
        finally:
            await oracle._web3.provider.disconnect()

    async def health(self, wallet: Address, block_hash: str) -> HealthFactor | None:
        """Return the health factor at the block with this hash; None without debt."""
        holder = AsyncWeb3.to_checksum_address(wallet)
        call = self._pool.functions.getUserAccountData(holder)
        answer = await call.call(block_identifier=block_hash)  # type: ignore[arg-type]
        return None if answer[5] == _NO_DEBT else HealthFactor(answer[5])
