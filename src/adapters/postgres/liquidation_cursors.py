from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.rows import insert_if_new, metadata
from domain.shared.chain import ChainId

liquidation_cursors = Table(
    "liquidation_cursors",
    metadata,
    Column("chain_id", BigInteger, primary_key=True),
    Column("block_number", BigInteger),
)


@dataclass(frozen=True, slots=True)
class PostgresLiquidationCursors:
    """Up to which block each market's log has been searched, in PostgreSQL."""

    connection: AsyncConnection

    async def get(self, chain_id: ChainId) -> int | None:
        """Return the last block number searched."""
        table = liquidation_cursors
        return await self.connection.scalar(select(table.c.block_number).where(table.c.chain_id == chain_id))

    async def move(self, chain_id: ChainId, *, expected: int | None, to: int) -> bool:
        """Move from the expected number on; False when somebody else has moved it meanwhile."""
        table = liquidation_cursors
        if expected is None:
            begun = {"chain_id": chain_id, "block_number": to}
            return await insert_if_new(self.connection, table, begun)
        there = (table.c.chain_id == chain_id, table.c.block_number == expected)
        moved = await self.connection.execute(update(table).where(*there).values(block_number=to))
        return moved.rowcount == 1
