from dataclasses import dataclass

from application.positions.readers import Readers
from domain.positions.liquidation import LiquidationPrice, liquidation_prices
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import Address, Block, ChainId


@dataclass(frozen=True, slots=True)
class Reading:
    """A wallet as a market showed it at one block; `seen` is None when it has no position there."""

    chain_id: ChainId
    block: Block
    seen: LendingPosition | Unread | None
    liquidation_prices: tuple[LiquidationPrice, ...]


@dataclass(frozen=True, slots=True)
class ReadWallet:
    """Read any wallet live, without keeping anything."""

    readers: Readers

    async def __call__(self, *, chain_id: ChainId, wallet: Address) -> Reading:
        """Return what the newest block says; raises Unavailable."""
        reader = self.readers.on(chain_id)
        observed = await reader.read((wallet,), await reader.head())
        answers: tuple[LendingPosition | Unread, ...] = (*observed.positions, *observed.unread)
        seen = answers[0] if answers else None
        prices = liquidation_prices(seen) if isinstance(seen, LendingPosition) else ()
        return Reading(chain_id, observed.block, seen, prices)
