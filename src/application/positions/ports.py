from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.shared.ports import Facts
from domain.positions.events import PositionsObserved
from domain.positions.observation import Liquidation, Observed
from domain.positions.position import LendingPosition, Unread
from domain.positions.reserve import Reserve
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import BatchId, PositionId, UserId


class MarketReader(Protocol):
    """Reads one lending market on one chain; everything it returns belongs to the one block that it was asked for.

    Every method raises `Unavailable` when the node does not answer, answers nonsense, or serves another chain; the
    sentence names the chain and what to check, and never the node's URL, which may hold a key.
    """

    @property
    def chain_id(self) -> ChainId:
        """The chain that this reader reads."""
        ...

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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One user's view of one observation, as stored: a known position, or why it is not known."""

    id: PositionId
    user_id: UserId
    batch_id: BatchId
    chain_id: ChainId
    block: Block
    observed_at: datetime
    seen: LendingPosition | Unread


class Positions(Protocol):
    """Snapshots of positions: written once, never changed. An actor sees their own."""

    async def store(self, batch: PositionsObserved, snapshots: Sequence[Snapshot]) -> PositionsObserved:
        """Store a batch's snapshots, and return the fact with their count and root filled in.

        Wallets that the batch found without a position count as gone from the market; a batch may hold nothing else.
        """
        ...

    async def of_batch(self, fact: PositionsObserved) -> tuple[Snapshot, ...]:
        """Return a batch's snapshots ordered by id; raises `Tampered` when they are not those that the fact covers."""
        ...

    async def latest(self, user_id: UserId) -> tuple[Snapshot, ...]:
        """Return the newest snapshot of each linked wallet in each market that has not reported it gone since."""
        ...

    async def history(
        self,
        user_id: UserId,
        *,
        wallet: Address | None,
        since: datetime | None,
        until: datetime | None,
        before: PositionId | None,
        limit: int,
    ) -> tuple[Snapshot, ...]:
        """Return snapshots newest first, by the block's time, continuing before an id."""
        ...


class WatchedWallets(Protocol):
    """Which wallets are watched, and by whom."""

    async def all(self) -> Mapping[Address, tuple[UserId, ...]]:
        """Return every watched wallet with the users who watch it; for Plimsoll itself only."""
        ...

    async def among(self, wallets: Collection[Address]) -> Mapping[Address, tuple[UserId, ...]]:
        """Return those of the wallets that are still watched, with the users who watch them."""
        ...


class LiquidationCursors(Protocol):
    """Up to which block each market's log has been searched for liquidations."""

    async def get(self, chain_id: ChainId) -> int | None:
        """Return the last block number searched; None when the search has not begun."""
        ...

    async def move(self, chain_id: ChainId, *, expected: int | None, to: int) -> bool:
        """Move from the expected number on; False when somebody else has moved it meanwhile."""
        ...


class PositionsWork(Protocol):
    """What use cases of positions need of their transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def positions(self) -> Positions:
        """The snapshots."""
        ...

    @property
    def watched(self) -> WatchedWallets:
        """Who watches what."""
        ...

    @property
    def liquidation_cursors(self) -> LiquidationCursors:
        """How far the search for liquidations has come."""
        ...


class JobQueue(Protocol):
    """Work to be done soon by some worker, at least once."""

    async def snapshot_chain(self, chain_id: ChainId) -> None:
        """Ask for a snapshot of every watched wallet on the chain; while one is waiting, asking again adds none."""
        ...

    async def snapshot_wallets(self, chain_id: ChainId, wallets: Sequence[Address]) -> None:
        """Ask for a snapshot of a chunk of wallets."""
        ...
