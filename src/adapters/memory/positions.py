from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.codec.positions import decode, encode, leaf_of, root_of
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.positions.ports import Snapshot
from domain.identity.user import User
from domain.positions.errors import Tampered
from domain.positions.events import PositionsObserved
from domain.positions.position import Protocol
from domain.shared.chain import Address, ChainId
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id, PositionId, UserId

_Market = tuple[ChainId, Protocol, Address]
_Stake = tuple[UserId, Address, _Market]


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot with the bytes that its batch's root covers."""

    snapshot: Snapshot
    market: _Market
    observation: bytes

    @property
    def stake(self) -> _Stake:
        """Which wallet's stake in which market it shows."""
        return self.snapshot.user_id, self.snapshot.seen.wallet, self.market


@dataclass(frozen=True, slots=True)
class MemoryPositions:
    """Snapshots of positions in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[PositionId, StoredSnapshot]:
        return Table(self.transaction, "positions")

    @property
    def _gone(self) -> Table[tuple[Address, _Market], datetime]:
        return Table(self.transaction, "stakes_gone")

    async def store(self, batch: PositionsObserved, snapshots: Sequence[Snapshot]) -> PositionsObserved:
        """Store a batch's snapshots, and return the fact with their count and root filled in."""
        market = (batch.chain_id, batch.protocol, batch.market)
        leaves: dict[Id, bytes] = {}
        for snapshot in snapshots:
            if self._table.get(snapshot.id) is not None:
                raise StaleWrite("This snapshot")
            observation = encode(snapshot.seen, snapshot.block)
            leaves[snapshot.id] = leaf_of(snapshot.id, snapshot.user_id, observation)
            await self._table.put(snapshot.id, StoredSnapshot(snapshot, market, observation))
        for wallet in batch.without_position:
            await self._gone.put((wallet, market), batch.block.time)
        return replace(batch, count=len(snapshots), root=root_of(leaves))

    async def of_batch(self, fact: PositionsObserved) -> tuple[Snapshot, ...]:
        """Return a batch's snapshots ordered by id; raises Tampered when they are not those that the fact covers."""
        rows = [row for row in self._table.all() if row.snapshot.batch_id == fact.batch_id]
        leaves: dict[Id, bytes] = {
            row.snapshot.id: leaf_of(row.snapshot.id, row.snapshot.user_id, row.observation) for row in rows
        }
        if len(rows) != fact.count or root_of(leaves) != fact.root:
            raise Tampered(f"Batch {fact.batch_id}")
        return tuple(self._seen(sorted(rows, key=lambda row: row.snapshot.id)))

    async def latest(self, user_id: UserId) -> tuple[Snapshot, ...]:
        """Return the newest snapshot of each stake of the user's linked wallets that is not gone since."""
        users: Table[UserId, User] = Table(self.transaction, "users")
        user = users.get(user_id)
        linked = set() if user is None else {wallet.address for wallet in user.wallets}
        newest: dict[_Stake, StoredSnapshot] = {}
        for row in sorted(self._table.all(), key=_moment):
            if row.snapshot.user_id == user_id and row.snapshot.seen.wallet in linked:
                newest[row.stake] = row
        standing = [row for row in newest.values() if not self._is_gone(row)]
        return tuple(self._seen(sorted(standing, key=lambda row: row.stake[1:])))

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
        found = [
            row
            for row in sorted(self._table.all(), key=_moment, reverse=True)
            if row.snapshot.user_id == user_id
            and wallet in {None, row.snapshot.seen.wallet}
            and (since is None or since <= row.snapshot.block.time)
            and (until is None or row.snapshot.block.time <= until)
        ]
        if before is not None:
            last = self._table.get(before)
            found = [] if last is None else [row for row in found if _moment(row) < _moment(last)]
        return tuple(self._seen(found))[:limit]

    def _is_gone(self, row: StoredSnapshot) -> bool:
        gone_at = self._gone.get((row.snapshot.seen.wallet, row.market))
        return gone_at is not None and gone_at >= row.snapshot.block.time

    def _seen(self, rows: Iterable[StoredSnapshot]) -> Iterable[Snapshot]:
        for row in rows:
            if self.transaction.sees(row.snapshot.user_id):
                seen, block = decode(row.observation)
                yield replace(row.snapshot, seen=seen, block=block)


def _moment(row: StoredSnapshot) -> tuple[datetime, Id]:
    return row.snapshot.block.time, row.snapshot.id
