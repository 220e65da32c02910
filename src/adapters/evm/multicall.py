import asyncio
import re
from collections.abc import Sequence

import structlog

from adapters.evm.answers import data
from adapters.evm.blocks import pinned
from adapters.evm.calldata import Call, aggregate3, returned, target_and_calldata
from adapters.evm.refusals import BlockUnknown, NodeRefused, TooLarge, nonsense
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Block

MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"
_LARGEST, _IN_FLIGHT, _BATCH, _ALONE = 350, 4, 100, 16
_UNKNOWN_BLOCK = re.compile(
    r"resource not found|header not found|unknown block|block not found|not canonical|missing trie|pruned",
    re.IGNORECASE,
)
_BUSY = re.compile(r"\brate\b|too many requests|quota|credits|capacity", re.IGNORECASE)
_OF_SIZE = re.compile(r"gas|size|large|limit|exceed|time|memory|revert|too many|out of", re.IGNORECASE)
_log = structlog.get_logger(__name__)


class Multicall:
    """Reads many contracts at one pinned block in as few requests as the node allows.

    Goes through Multicall3 in chunks; learns a smaller chunk when the node complains of gas or size, or when calls
    that failed in a chunk succeed in a smaller one. Where the chain has no Multicall3, sends JSON-RPC batches.
    """

    def __init__(self, rpc: JsonRpc, *, largest: int = _LARGEST, in_flight: int = _IN_FLIGHT) -> None:
        """Take the number of calls in a chunk to begin with, and of chunks in flight."""
        self._rpc = rpc
        self.largest = largest
        self._most = largest
        self._turns = asyncio.Semaphore(in_flight)
        self._absent_at = ""

    async def read(self, calls: Sequence[Call], block: Block) -> list[bytes | None]:
        """Return what each call returned at the block, in order; None for each that failed: unknown, never zero.

        Raises BlockUnknown when the block is not, or no longer, of the node's chain; else Unavailable.
        """
        return await self._in_chunks(calls, block, self.largest)

    async def _in_chunks(self, calls: Sequence[Call], block: Block, largest: int) -> list[bytes | None]:
        size = _even(len(calls), largest)
        chunks = [calls[start : start + size] for start in range(0, len(calls), size)] if calls else []
        answers = await asyncio.gather(*(self._chunk(chunk, block) for chunk in chunks))
        return answers[0] if len(answers) == 1 else [one for chunk in answers for one in chunk]

    async def _chunk(self, calls: Sequence[Call], block: Block) -> list[bytes | None]:
        try:
            async with self._turns:
                answers = await self._ask(calls, block)
        except TooLarge:
            if len(calls) == 1:
                return [None]
            self._learn(len(calls) // 2)
            return await self._in_chunks(calls, block, (len(calls) + 1) // 2)
        if 2 * len(calls) > self.largest:
            self.largest = min(self._most, self.largest + 1)
        if None in answers and len(calls) > 1:
            await self._ask_failed_again(calls, answers, block)
        return answers

    async def _ask_failed_again(
        self, calls: Sequence[Call], answers: list[bytes | None], block: Block
    ) -> None:
        """Tell calls that fail from calls that were starved of gas by their neighbours in the chunk."""
        failed = [index for index, answer in enumerate(answers) if answer is None]
        for start in range(0, len(failed), _ALONE):
            again = failed[start : start + _ALONE]
            try:
                async with self._turns:
                    second = await self._ask([calls[index] for index in again], block)
            except TooLarge:
                continue
            if any(answer is not None for answer in second):
                self._learn(len(calls) // 2)
            for index, answer in zip(again, second, strict=True):
                answers[index] = answer

    async def _ask(self, calls: Sequence[Call], block: Block) -> list[bytes | None]:
        if self._absent_at == block.hash:
            return await self._batches(calls, block)
        try:
            result = await self._rpc.call(
                "eth_call", {"to": MULTICALL3, "data": aggregate3(calls)}, pinned(block)
            )
        except NodeRefused as refusal:
            raise self._understood(refusal, block) from None
        answer = data(result, self._rpc.chain_id)
        if not answer:
            _log.warning("chain has no Multicall3; reading in JSON-RPC batches", chain_id=self._rpc.chain_id)
            self._absent_at = block.hash
            return await self._batches(calls, block)
        answers = returned(answer, len(calls))
        if answers is None:
            raise nonsense(self._rpc.chain_id, "data that Multicall3 cannot have returned")
        return answers

    async def _batches(self, calls: Sequence[Call], block: Block) -> list[bytes | None]:
        at = pinned(block)
        results: list[bytes | None] = []
        for start in range(0, len(calls), _BATCH):
            parts = map(target_and_calldata, calls[start : start + _BATCH])
            requests = [("eth_call", ({"to": target, "data": sent}, at)) for target, sent in parts]
            answers = await self._rpc.batch([("eth_getBlockByHash", (block.hash, False)), *requests])
            if answers[0] is None:
                raise BlockUnknown(self._rpc.chain_id, block.number, block.hash)
            results += [
                data(each, self._rpc.chain_id) or None if each is not None else None for each in answers[1:]
            ]
        return results

    def _understood(self, refusal: NodeRefused, block: Block) -> Exception:
        if _UNKNOWN_BLOCK.search(refusal.said):
            return BlockUnknown(self._rpc.chain_id, block.number, block.hash)
        if refusal.code == 429 or _BUSY.search(refusal.said) or not _OF_SIZE.search(refusal.said):
            return refusal
        return TooLarge(str(refusal))

    def _learn(self, size: int) -> None:
        if size < self.largest:
            self.largest = max(1, size)
            _log.info("smaller chunks from now on", chain_id=self._rpc.chain_id, calls=self.largest)


def _even(count: int, largest: int) -> int:
    """Return the chunk size that spreads the calls evenly over as many chunks as `largest` makes necessary."""
    chunks = -(-count // largest) or 1
    return -(-count // chunks) or 1
