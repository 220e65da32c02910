from domain.shared.chain import ChainId
from domain.shared.errors import Unavailable


class NodeRefused(Unavailable):
    """The node understood the request and answered with an error of its own: `code` and, cut short, what it `said`."""

    def __init__(self, chain_id: ChainId, code: int, said: str) -> None:
        super().__init__(f"The node of chain {chain_id} refused the request: {said} (code {code}).")
        self.code = code
        self.said = said


class TooLarge(Unavailable):
    """The request or its answer is larger than the node, or we, can take; a smaller one may pass."""


class BlockUnknown(Unavailable):
    """The node does not have the block, or no longer counts it to its chain."""

    def __init__(self, chain_id: ChainId, number: int, block_hash: str) -> None:
        super().__init__(
            f"The node of chain {chain_id} does not know block {number} ({block_hash[:10]}…), or has replaced it; "
            "read again at the newest block."
        )


def nonsense(chain_id: ChainId, what: str) -> Unavailable:
    """Return the refusal of an answer that no healthy node gives; `what` completes "answered with"."""
    return Unavailable(
        f"The node of chain {chain_id} answered with {what}; check that its RPC URL is that of a node's JSON-RPC."
    )
