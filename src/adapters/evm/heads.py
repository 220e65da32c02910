import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import structlog

from adapters.evm.blocks import newest_block
from adapters.evm.head_hints import HeadHints
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Block
from domain.shared.errors import Unavailable

_log = structlog.get_logger(__name__)


async def heads(
    rpc: JsonRpc, *, ws_url: str | None = None, interval: float = 2.0, silence: float = 30.0
) -> AsyncGenerator[Block, None]:
    """Yield each new head, beginning with the present one, for ever; a slow consumer gets the newest and no queue.

    A WebSocket, where there is one, only says when to ask: after `silence` seconds without a word, and every
    `interval` seconds while it is broken or absent, the node is asked anyway. A node that does not answer, and every
    head that was passed over, is logged. Another hash at the same or a lower number is a reorganisation, logged and
    yielded too.
    """
    hints = HeadHints(rpc.chain_id)
    listener = asyncio.create_task(hints.listen(ws_url)) if ws_url else None
    last: Block | None = None
    failures = 0
    try:
        while True:
            await hints.wait(silence if hints.listening and not failures else interval * min(2**failures, 8))
            try:
                block = await newest_block(rpc)
            except Unavailable as reason:
                failures += 1
                _log.warning("no new heads", chain_id=rpc.chain_id, reason=str(reason), failures=failures)
                continue
            if failures:
                _log.info("heads again", chain_id=rpc.chain_id, block=block.number, failures=failures)
            failures = 0
            if last is None or block.hash != last.hash:
                _report(last, block, rpc)
                last = block
                yield block
    finally:
        if listener is not None:
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener


def _report(last: Block | None, block: Block, rpc: JsonRpc) -> None:
    if last is None:
        return
    if block.number <= last.number:
        _log.warning("chain reorganised", chain_id=rpc.chain_id, was=last.number, now=block.number)
    elif block.number > last.number + 1:
        _log.info("heads passed over", chain_id=rpc.chain_id, after=last.number, until=block.number)
