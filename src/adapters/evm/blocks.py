from datetime import UTC, datetime

from adapters.evm.answers import hash_of, quantity
from adapters.evm.refusals import nonsense
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Block, ChainId

_YEAR_9999 = 253_402_300_799


async def newest_block(rpc: JsonRpc) -> Block:
    """Return the newest block that the node has; raises Unavailable."""
    return block_of(await rpc.call("eth_getBlockByNumber", "latest", False), rpc.chain_id)


async def block_numbered(rpc: JsonRpc, number: int) -> Block | None:
    """Return the block that has this number in the node's chain now, or None if it has none; raises Unavailable."""
    found = await rpc.call("eth_getBlockByNumber", hex(number), False)
    return None if found is None else block_of(found, rpc.chain_id)


def block_of(header: object, chain_id: ChainId) -> Block:
    """Return the block that a header (of a request or of a subscription) describes; raises Unavailable."""
    if not isinstance(header, dict):
        raise nonsense(chain_id, "something else where a block belongs")
    seconds = quantity(header.get("timestamp"), chain_id)
    if seconds > _YEAR_9999:
        raise nonsense(chain_id, "a block from beyond the year 9999")
    return Block(
        number=quantity(header.get("number"), chain_id),
        hash=hash_of(header.get("hash"), chain_id),
        time=datetime.fromtimestamp(seconds, UTC),
    )


def pinned(block: Block) -> dict[str, object]:
    """Name the block by hash (EIP-1898), so that a node which replaced it says so instead of answering for another."""
    return {"blockHash": block.hash, "requireCanonical": True}
