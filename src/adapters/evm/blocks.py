from datetime import UTC, datetime

from adapters.evm.answers import hash_of, quantity
from adapters.evm.refusals import NodeRefused, nonsense
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Block, ChainId

_YEAR_9999 = 253_402_300_799
_CHAIN = ("eth_chainId", ())
_NEWEST = ("eth_getBlockByNumber", ("latest", False))


async def newest_block(rpc: JsonRpc) -> Block:
    """Return the newest block that the node has; raises Unavailable.

    The same request asks which chain that is: behind one address there may be another node than a moment ago.
    """
    try:
        chain, header = await rpc.batch([_CHAIN, _NEWEST])
    except NodeRefused:
        chain = header = None
    if chain is None or header is None:  # it takes no batches, or refused a part: ask again for its own words
        chain, header = [await rpc.call(method, *params) for method, params in (_CHAIN, _NEWEST)]
    rpc.believe(chain)
    return block_of(header, rpc.chain_id)


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
