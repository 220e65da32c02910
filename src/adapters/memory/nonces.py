from dataclasses import dataclass
from datetime import datetime

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from domain.shared.errors import StaleWrite


@dataclass(frozen=True, slots=True)
class MemoryNonces:
    """Numbers used once, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[str, datetime]:
        return Table(self.transaction, "sign_in_nonces")

    async def issue(self, nonce: str, *, at: datetime, expires_at: datetime) -> None:
        """Remember a nonce until it expires."""
        await self._table.hold(nonce)
        if self._table.get(nonce) is not None:
            raise StaleWrite("This nonce")
        await self._table.put(nonce, expires_at)

    async def spend(self, nonce: str, *, at: datetime) -> bool:
        """Use the nonce up; of two at once, one wins."""
        await self._table.hold(nonce)
        expires_at = self._table.get(nonce)
        await self._table.remove(nonce)
        return expires_at is not None and expires_at > at
