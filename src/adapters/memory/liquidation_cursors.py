from dataclasses import dataclass

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from domain.shared.chain import ChainId


@dataclass(frozen=True, slots=True)
class MemoryLiquidationCursors:
    """Up to which block each market's log has been searched, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[ChainId, int]:
        return Table(self.transaction, "liquidation_cursors")

    async def get(self, chain_id: ChainId) -> int | None:
        """Return the last block number searched."""
        return self._table.get(chain_id)

    async def move(self, chain_id: ChainId, *, expected: int | None, to: int) -> bool:
        """Move from the expected number on; False when somebody else has moved it meanwhile."""
        await self._table.hold(chain_id)
        if self._table.get(chain_id) != expected:
            return False
        await self._table.put(chain_id, to)
        return True
