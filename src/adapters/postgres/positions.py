from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.positions import decode, encode, leaf_of, root_of
from adapters.postgres.holdings import collateral_of, debt_of, health_factor_of, metadata_of, storable
from adapters.postgres.stakes import GO, STAND, hold_market
from adapters.postgres.statements import fetch, run
from application.positions.ports import Snapshot
from domain.positions.errors import Tampered
from domain.positions.events import PositionsObserved
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import Address
from domain.shared.ids import Id, PositionId, UserId


@dataclass(frozen=True, slots=True)
class PostgresPositions:
    """Snapshots of positions in PostgreSQL: rows that are never updated, read back from the very bytes hashed."""

    connection: AsyncConnection

    async def store(self, batch: PositionsObserved, snapshots: Sequence[Snapshot]) -> PositionsObserved:
        """Store a batch's snapshots, and return the fact with their count and root filled in."""
        rows = [(snapshot, encode(snapshot.seen, snapshot.block)) for snapshot in snapshots]
        market = {
            "batch": batch.batch_id,
            "chain": batch.chain_id,
            "protocol": batch.protocol.value,
            "market": batch.market,
            "number": batch.block.number,
            "hash": batch.block.hash,
            "time": batch.block.time,
        }
        await hold_market(self.connection, batch)
        if rows:
            columns = market | _columns(rows)
            await run(self.connection, _INSERT, columns)
            await run(self.connection, STAND, columns)
        if batch.without_position:
            await run(self.connection, GO, market | {"wallets": list(batch.without_position)})
        leaves: dict[Id, bytes] = {row.id: leaf_of(row.id, row.user_id, stored) for row, stored in rows}
        return replace(batch, count=len(rows), root=root_of(leaves))

    async def of_batch(self, fact: PositionsObserved) -> tuple[Snapshot, ...]:
        """Return a batch's snapshots ordered by id; raises Tampered when they are not those that the fact covers.

        Whoever sees only a part of the batch is told of tampering with any of it all the same.
        """
        named = {"batch": fact.batch_id, "time": fact.block.time}
        rows = await fetch(self.connection, _OF_BATCH, named)
        seen = {row.id: leaf_of(row.id, row.user_id, row.observation) for row in rows}
        leaves: dict[Id, bytes] = seen
        if len(seen) != fact.count:
            leaves = dict(await fetch(self.connection, _LEAVES, named))
        if len(leaves) != fact.count or root_of(leaves) != fact.root or not seen.items() <= leaves.items():
            raise Tampered(f"Batch {fact.batch_id}")
        return _snapshots(rows)

    async def latest(self, user_id: UserId) -> tuple[Snapshot, ...]:
        """Return the newest snapshot of each stake of the user's linked wallets that is not gone since."""
        return _snapshots(await fetch(self.connection, _LATEST, {"user": user_id}))

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
        wanted = {
            "wallet_address = %(wallet)s": wallet,
            "snapshot_at >= %(since)s": since,
            "snapshot_at <= %(until)s": until,
            "(snapshot_at, id) < (SELECT snapshot_at, id FROM positions WHERE id = %(before)s)": before,
        }
        conditions: LiteralString = " AND ".join(text for text, value in wanted.items() if value is not None)
        values = {
            "user": user_id,
            "wallet": wallet,
            "since": since,
            "until": until,
            "before": before,
            "limit": limit,
        }
        query: LiteralString = _HISTORY.format(conditions and f"AND {conditions}")
        return _snapshots(await fetch(self.connection, query, values))


def _columns(rows: Iterable[tuple[Snapshot, bytes]]) -> dict[str, object]:
    """Return the rows column by column, for one `unnest`.

    COPY would be faster still, but PostgreSQL refuses it on tables with row-level security.
    """
    seen = [(row, row.seen if isinstance(row.seen, LendingPosition) else None) for row, _ in rows]
    return {
        "ids": [row.id for row, _ in seen],
        "users": [row.user_id for row, _ in seen],
        "wallets": [row.seen.wallet for row, _ in seen],
        "reasons": [storable(row.seen.reason) if isinstance(row.seen, Unread) else None for row, _ in seen],
        "healths": [known and health_factor_of(known) for _, known in seen],
        "collaterals": [collateral_of(known) if known else "[]" for _, known in seen],
        "debts": [debt_of(known) if known else "[]" for _, known in seen],
        "metadata": [metadata_of(known) if known else "{}" for _, known in seen],
        "times": [row.observed_at for row, _ in seen],
        "observations": [stored for _, stored in rows],
    }


def _snapshots(rows: Iterable[Any]) -> tuple[Snapshot, ...]:
    return tuple([_snapshot_of(row) for row in rows])


def _snapshot_of(row: Any) -> Snapshot:
    seen, block = decode(row.observation)
    return Snapshot(
        id=row.id,
        user_id=row.user_id,
        batch_id=row.batch_id,
        chain_id=row.chain_id,
        block=block,
        observed_at=row.observed_at,
        seen=seen,
    )


_INSERT = """
INSERT INTO positions (
    id, user_id, wallet_address, protocol, chain_id, market, status, reason, health_factor, collateral, debt, metadata,
    snapshot_at, observed_at, batch_id, block_number, block_hash, observation
)
SELECT id, user_id, wallet, %(protocol)s, %(chain)s, %(market)s,
    CASE WHEN reason IS NULL THEN 'known' ELSE 'unknown' END, reason, health::numeric, collateral::jsonb, debt::jsonb,
    metadata::jsonb, %(time)s, observed_at, %(batch)s, %(number)s, %(hash)s, observation
FROM unnest(
    %(ids)b::uuid[], %(users)b::uuid[], %(wallets)b::text[], %(reasons)t::text[], %(healths)t::text[],
    %(collaterals)b::text[], %(debts)b::text[], %(metadata)b::text[], %(times)b::timestamptz[],
    %(observations)b::bytea[]
) AS given(id, user_id, wallet, reason, health, collateral, debt, metadata, observed_at, observation)
"""

_OF_BATCH = """
SELECT id, user_id, batch_id, chain_id, observed_at, observation FROM positions
WHERE batch_id = %(batch)s AND snapshot_at = %(time)s ORDER BY id
"""

_LEAVES = "SELECT id, leaf FROM leaves_of_batch(%(batch)s, %(time)s)"

_LATEST = """
SELECT newest.* FROM stakes
JOIN wallets ON wallets.user_id = stakes.user_id AND wallets.address = stakes.wallet_address
CROSS JOIN LATERAL (
    SELECT id, user_id, batch_id, chain_id, observed_at, observation FROM positions
    WHERE positions.user_id = stakes.user_id AND positions.wallet_address = stakes.wallet_address
        AND positions.chain_id = stakes.chain_id AND positions.protocol = stakes.protocol
        AND positions.market = stakes.market
    ORDER BY snapshot_at DESC, id DESC LIMIT 1
) AS newest
WHERE stakes.user_id = %(user)s AND stakes.gone_at IS NULL
ORDER BY stakes.wallet_address, stakes.chain_id, stakes.protocol, stakes.market
"""

_HISTORY = """
SELECT id, user_id, batch_id, chain_id, observed_at, observation FROM positions
WHERE user_id = %(user)s {}
ORDER BY snapshot_at DESC, id DESC LIMIT %(limit)s
"""
