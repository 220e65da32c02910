from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.codec import address_in, word
from adapters.evm.aave_v3.discovery import symbol_in
from adapters.evm.answers import data, hash_of, quantity
from adapters.evm.blocks import block_numbered
from adapters.evm.calldata import call
from adapters.evm.multicall import Multicall
from adapters.evm.refusals import BlockUnknown, NodeRefused, TooLarge, nonsense
from adapters.evm.rpc import JsonRpc
from domain.positions.observation import Liquidation
from domain.positions.position import Protocol
from domain.shared.chain import Address, Block
from domain.shared.errors import Unavailable
from domain.shared.money import scaled

_SPAN = 10_000
_MOST_TOPICS = 100


@dataclass(frozen=True, slots=True)
class _Seizure:
    collateral: Address
    debt: Address
    user: Address
    covered: int
    seized: int
    liquidator: Address
    block_number: int
    block_hash: str
    transaction_hash: str
    index: int


class LiquidationLog:
    """The `LiquidationCall` events of one pool."""

    def __init__(self, rpc: JsonRpc, multicall: Multicall, pool: Address) -> None:
        self._rpc = rpc
        self._multicall = multicall
        self._pool = pool

    async def read(self, wallets: frozenset[Address], since: int, through: Block) -> tuple[Liquidation, ...]:
        """Return the wallets' liquidations in the order of the chain, block `since` to `through` inclusive.

        Raises BlockUnknown when `through` is no longer of the chain, Unavailable as the node does.
        """
        found: list[_Seizure] = []
        for first in range(since, through.number + 1, _SPAN):
            found += await self._between(first, min(first + _SPAN - 1, through.number), wallets)
        now = await block_numbered(self._rpc, through.number)
        if now is None or now.hash != through.hash:
            raise BlockUnknown(self._rpc.chain_id, through.number, through.hash)
        tokens = await self._tokens({token for one in found for token in (one.collateral, one.debt)}, through)
        return tuple(
            self._told(one, tokens) for one in sorted(found, key=lambda each: (each.block_number, each.index))
        )

    async def _between(self, first: int, last: int, wallets: frozenset[Address]) -> list[_Seizure]:
        users = (
            [f"0x{wallet[2:]:0>64}" for wallet in sorted(wallets)] if len(wallets) <= _MOST_TOPICS else None
        )
        asked = {
            "address": self._pool,
            "topics": [contracts.LIQUIDATION_CALL, None, None, users],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        try:
            logs = await self._rpc.call("eth_getLogs", asked)
        except (NodeRefused, TooLarge):
            if first == last:
                raise
            middle = (first + last) // 2
            return [
                *await self._between(first, middle, wallets),
                *await self._between(middle + 1, last, wallets),
            ]
        if not isinstance(logs, list):
            raise nonsense(self._rpc.chain_id, "something else where logs belong")
        return [one for one in map(self._seizure, logs) if one.user in wallets]

    def _seizure(self, log: Any) -> _Seizure:
        chain_id = self._rpc.chain_id
        try:
            _, collateral, debt, user = (data(topic, chain_id) for topic in log["topics"])
            amounts = data(log.get("data"), chain_id)
            return _Seizure(
                collateral=address_in(collateral),
                debt=address_in(debt),
                user=address_in(user),
                covered=word(amounts, 0),
                seized=word(amounts, 1),
                liquidator=address_in(amounts, 2),
                block_number=quantity(log.get("blockNumber"), chain_id),
                block_hash=hash_of(log.get("blockHash"), chain_id),
                transaction_hash=hash_of(log.get("transactionHash"), chain_id),
                index=quantity(log.get("logIndex"), chain_id),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise nonsense(chain_id, "a log that no Aave v3 pool writes") from None

    async def _tokens(self, tokens: Iterable[Address], at: Block) -> dict[Address, tuple[str, int]]:
        asked = sorted(tokens)
        if not asked:
            return {}
        calls = [call(one, selector) for one in asked for selector in (contracts.SYMBOL, contracts.DECIMALS)]
        answers = await self._multicall.read(calls, at)
        return {
            token: (symbol_in(answers[2 * index], token), self._decimals(answers[2 * index + 1], token))
            for index, token in enumerate(asked)
        }

    def _decimals(self, answer: bytes | None, token: Address) -> int:
        decimals = word(answer) if answer is not None and len(answer) == 32 else None
        if decimals is None or decimals > 77:
            raise Unavailable(
                f"Chain {self._rpc.chain_id} does not show the decimals of token {token}; try again."
            )
        return decimals

    def _told(self, one: _Seizure, tokens: dict[Address, tuple[str, int]]) -> Liquidation:
        collateral_symbol, collateral_decimals = tokens[one.collateral]
        debt_symbol, debt_decimals = tokens[one.debt]
        return Liquidation(
            wallet=one.user,
            chain_id=self._rpc.chain_id,
            protocol=Protocol.AAVE_V3,
            market=self._pool,
            block_number=one.block_number,
            block_hash=one.block_hash,
            transaction_hash=one.transaction_hash,
            log_index=one.index,
            liquidator=one.liquidator,
            collateral_asset=one.collateral,
            collateral_symbol=collateral_symbol,
            collateral_seized=scaled(one.seized, collateral_decimals),
            debt_asset=one.debt,
            debt_symbol=debt_symbol,
            debt_covered=scaled(one.covered, debt_decimals),
        )
