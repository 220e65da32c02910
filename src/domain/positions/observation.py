from dataclasses import dataclass
from decimal import Decimal

from domain.positions.law import Law
from domain.positions.position import LendingPosition, Protocol, Unread
from domain.shared.chain import Address, Block, ChainId


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What one market said about a batch of wallets at one pinned block; each wallet is in exactly one tuple.

    `law` is how its release counts; None for a release that Plimsoll does not know, whose positions are all unread.
    """

    chain_id: ChainId
    protocol: Protocol
    market: Address
    block: Block
    positions: tuple[LendingPosition, ...]
    without_position: tuple[Address, ...]
    unread: tuple[Unread, ...]
    law: Law | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """One liquidation as the market's own log told it; amounts in whole tokens, exact."""

    wallet: Address
    chain_id: ChainId
    protocol: Protocol
    market: Address
    block_number: int
    block_hash: str
    transaction_hash: str
    log_index: int
    liquidator: Address
    collateral_asset: Address
    collateral_symbol: str
    collateral_seized: Decimal
    debt_asset: Address
    debt_symbol: str
    debt_covered: Decimal
