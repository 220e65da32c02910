from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.shared.ports import Place
from domain.positions.events import PositionsObserved
from domain.positions.position import LendingPosition, Unread
from domain.positions.position import Protocol as LendingProtocol
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import BatchId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a batch at one position of the log saw of one wallet in one market: a position, or why it is unknown."""

    place: Place
    batch_id: BatchId
    user_id: UserId
    chain_id: ChainId
    protocol: LendingProtocol
    market: Address
    block: Block
    observed_at: datetime
    seen: LendingPosition | Unread

    def is_gone_by(self, later: PositionsObserved) -> bool:
        """Say whether a later batch of the same market found the wallet without a position."""
        same = (later.chain_id, later.market) == (self.chain_id, self.market)
        return same and self.seen.wallet in later.without_position


class Sightings(Protocol):
    """What was seen of wallets, by the log's own order. An actor sees their own."""

    async def newest(self, wallet: Address, *, until: Place) -> Sequence[Sighting]:
        """Return the newest sighting of the wallet in each market at or before a position, by chain and market."""
        ...

    async def left(self, sighting: Sighting, *, until: Place) -> Place | None:
        """Return where the market first reported the wallet gone after the sighting; None if it did not by then."""
        ...
