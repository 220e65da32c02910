from dataclasses import dataclass, replace
from datetime import datetime

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.requests import Answer, KeyReused, StillWorking
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request on record, with its answer once there is one."""

    fingerprint: bytes
    until: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class MemoryRequests:
    """Requests by idempotency key, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[tuple[UserId | None, str], Claimed]:
        return Table(self.transaction, "idempotency_keys")

    async def claim(self, key: str, fingerprint: bytes, *, at: datetime, until: datetime) -> Answer | None:
        """Return the answer on record, or None after claiming the key until then."""
        own = (self.transaction.actor, key)
        await self._table.hold(own)
        known = self._table.get(own)
        if known is not None and known.fingerprint != fingerprint:
            raise KeyReused
        if known is not None and known.answer is not None:
            return known.answer
        if known is not None and known.until > at:
            raise StillWorking
        await self._table.put(own, Claimed(fingerprint, until))
        return None

    async def answer(self, key: str, answer: Answer) -> None:
        """Put the answer on record."""
        own = (self.transaction.actor, key)
        await self._table.hold(own)
        known = self._table.get(own)
        if known is not None:
            await self._table.put(own, replace(known, answer=answer))

    async def release(self, key: str) -> None:
        """Give the claim up, because the request had no effect."""
        own = (self.transaction.actor, key)
        await self._table.hold(own)
        known = self._table.get(own)
        if known is not None and known.answer is None:
            await self._table.remove(own)
