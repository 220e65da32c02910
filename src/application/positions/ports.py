from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.positions.observation import Liquidation, Observed
from domain.positions.reserve import Reserve
from domain.shared.chain import Address, Block, ChainId


class MarketReader(Protocol):
    """Reads one lending market on one chain; everything it returns belongs to the one block that it was asked for.

    Every method raises `Unavailable` when the node does not answer, answers nonsense, or serves another chain; the
    sentence names the chain and what to check, and never the node's URL, which may hold a key.
    """

    chain_id: ChainId

    async def head(self) -> Block:
        """Return the newest block."""
        ...

    async def read(self, wallets: Sequence[Address], block: Block) -> Observed:
        """Return the wallets' positions at the block.

        A wallet of which any part could not be read, or whose health factor our arithmetic does not reproduce to the
        last digit, is in `unread` with the reason. Wallets that neither borrow nor use anything as collateral are in
        `without_position`.
        """
        ...

    async def reserves(self, block: Block, *, emode: int = 0) -> Mapping[Address, Reserve]:
        """Return every reserve of the market at the block, priced as for a wallet in that e-mode."""
        ...

    async def liquidations(
        self, wallets: Collection[Address], since: int, through: Block
    ) -> tuple[Liquidation, ...]:
        """Return the liquidations of these wallets from block number `since` to `through`, both included."""
        ...
