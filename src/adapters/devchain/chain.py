import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.devchain.abi import call_data, decoded
from adapters.devchain.rpc import Rpc
from adapters.devchain.transaction import Receipt, Reverted, Transaction, reason_in
from domain.shared.chain import Address
from domain.shared.errors import Unavailable

_MOST_BLOCKS = 20


class Chain:
    """The local chain, with the powers that only a development node gives: mining, time, money, memory.

    Use it from one event loop; sending waits for its turn, reading does not.
    """

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator["Chain"]:
        """Talk to the node at the URL for as long as the block lasts."""
        async with Rpc(url) as rpc:
            yield cls(rpc)

    async def chain_id(self) -> int:
        """Return the number by which the chain is known."""
        return int(await self.rpc.call("eth_chainId"), 16)

    async def block_number(self) -> int:
        """Return the number of the newest block."""
        return int(await self.rpc.call("eth_blockNumber"), 16)

    async def time(self) -> int:
        """Return the newest block's time, in seconds since 1970."""
        return int((await self.rpc.call("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def nonce(self, of: Address) -> int:
        """Return how many transactions the address has sent."""
        return int(await self.rpc.call("eth_getTransactionCount", of, "latest"), 16)

    async def code(self, of: Address) -> bytes:
        """Return the code that lives at the address."""
        return bytes.fromhex(str(await self.rpc.call("eth_getCode", of, "latest")).removeprefix("0x"))

    async def read(
        self, to: Address, signature: str, returns: tuple[str, ...], *arguments: object
    ) -> tuple[Any, ...]:
        """Call a function at the newest block and return what it answers."""
        request = {"to": to, "data": call_data(signature, *arguments)}
        return decoded(returns, await self.rpc.call("eth_call", request, "latest"))

    async def send(self, *transactions: Transaction) -> list[Receipt]:
        """Mine the transactions in this order, as a rule in one block.

        Raises Reverted for the first that failed; the others stay mined.
        """
        receipts = await self.attempt(*transactions)
        for transaction, receipt in zip(transactions, receipts, strict=True):
            if not receipt.succeeded:
                raise Reverted(transaction.label, await self._reason(receipt.hash))
        return receipts

    async def attempt(self, *transactions: Transaction) -> list[Receipt]:
        """Mine the transactions like `send`, but leave it to the caller to look which of them failed."""
        if not transactions:
            return []
        async with self._turn:
            await self.rpc.call("evm_setAutomine", False)
            try:
                nonces = await self._nonces([one.sender for one in transactions])
                requests = [[one.request(nonce)] for one, nonce in zip(transactions, nonces, strict=True)]
                return await self._mined(await self.rpc.batch("eth_sendTransaction", requests))
            except BaseException:
                await self.rpc.call("anvil_dropAllTransactions")
                raise
            finally:
                await self.rpc.call("evm_setAutomine", True)

    async def set_balances(self, wei: Mapping[Address, int]) -> None:
        """Give each address exactly this much of the chain's own coin; no block is mined."""
        await self.rpc.batch("anvil_setBalance", [[address, hex(amount)] for address, amount in wei.items()])

    async def mine(self, blocks: int = 1) -> None:
        """Mine empty blocks."""
        await self.rpc.call("anvil_mine", hex(blocks))

    async def increase_time(self, seconds: int) -> None:
        """Mine one block that is this much later than the newest."""
        await self.rpc.call("evm_setNextBlockTimestamp", await self.time() + seconds)
        await self.mine()

    async def snapshot(self) -> str:
        """Remember the chain as it is; the answer brings it back once, through `revert`."""
        return str(await self.rpc.call("evm_snapshot"))

    async def revert(self, to: str) -> None:
        """Return to a snapshot, which is used up; blocks and transactions since then never were."""
        await self.rpc.call("anvil_dropAllTransactions")
        if not await self.rpc.call("evm_revert", to):
            raise Unavailable("The local node does not know that snapshot; each can be returned to once.")

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[None]:
        """Let happen what will inside the block; afterwards the chain is as it was before."""
        before = await self.snapshot()
        try:
            yield
        finally:
            await self.revert(before)

    async def dump(self) -> bytes:
        """Return the whole state, for `load` on another node."""
        return bytes.fromhex(str(await self.rpc.call("anvil_dumpState")).removeprefix("0x"))

    async def load(self, state: bytes) -> None:
        """Take over the state that `dump` returned."""
        await self.rpc.call("anvil_loadState", f"0x{state.hex()}")

    async def _nonces(self, senders: Sequence[Address]) -> list[int]:
        distinct = list(dict.fromkeys(senders))
        counts = await self.rpc.batch("eth_getTransactionCount", [[sender, "latest"] for sender in distinct])
        following = Counter({sender: int(count, 16) for sender, count in zip(distinct, counts, strict=True)})
        nonces = []
        for sender in senders:
            nonces.append(following[sender])
            following[sender] += 1
        return nonces

    async def _mined(self, hashes: Sequence[str]) -> list[Receipt]:
        found: dict[str, Receipt] = {}
        for _ in range(_MOST_BLOCKS):
            await self.rpc.call("evm_mine")
            answers = await self.rpc.call("eth_getBlockReceipts", "latest")
            found |= {one["transactionHash"]: Receipt.of(one) for one in answers}
            if all(one in found for one in hashes):
                return [found[one] for one in hashes]
        raise Unavailable(f"The local node did not take every transaction into {_MOST_BLOCKS} blocks.")

    async def _reason(self, transaction: str) -> str:
        trace = await self.rpc.call("debug_traceTransaction", transaction, {"tracer": "callTracer"})
        return reason_in(str(trace.get("output", "0x"))) or str(trace.get("error", "it gave no reason"))
