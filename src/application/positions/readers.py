from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from application.positions.ports import MarketReader
from domain.shared.chain import ChainId
from domain.shared.errors import NotFound


class ChainNotConfigured(NotFound):
    """Nobody told Plimsoll how to reach this chain."""

    def __init__(self, chain_id: ChainId, known: Iterable[ChainId]) -> None:
        listed = ", ".join(str(chain) for chain in sorted(known)) or "none"
        super().__init__(
            f"Chain {chain_id} is not configured here (configured: {listed}). "
            f"Set PLIMSOLL_CHAINS__{chain_id}__RPC_URL to the URL of a node."
        )


@dataclass(frozen=True, slots=True)
class Readers:
    """The market readers by chain."""

    by_chain: Mapping[ChainId, MarketReader]

    def on(self, chain_id: ChainId) -> MarketReader:
        """Return the chain's reader, or raise ChainNotConfigured."""
        reader = self.by_chain.get(chain_id)
        if reader is None:
            raise ChainNotConfigured(chain_id, self.by_chain)
        return reader

    @property
    def chains(self) -> tuple[ChainId, ...]:
        """The configured chains in ascending order."""
        return tuple(sorted(self.by_chain))
