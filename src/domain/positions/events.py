from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.positions.observation import Liquidation
from domain.positions.position import Protocol, Unread
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import BatchId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsObserved:
    """A batch of wallets was read at one block.

    `root` is the RFC 6962 root over the stored bytes of the batch's `count` position rows, ordered by id: the rows
    are covered by this fact instead of being copied into it.
    """

    batch_id: BatchId
    chain_id: ChainId
    protocol: Protocol
    market: Address
    block: Block
    count: int
    root: str
    without_position: tuple[Address, ...]
    unread: tuple[Unread, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionLiquidated:
    """The market's log says that a watched wallet was liquidated; one fact for each user who watches it."""

    user_id: UserId
    liquidation: Liquidation
    at: datetime


PositionEvent: TypeAlias = PositionsObserved | PositionLiquidated
