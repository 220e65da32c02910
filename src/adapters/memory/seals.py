from collections.abc import Sequence
from dataclasses import dataclass

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.audit.proving.seals import SealNotFound, StoredSeal


@dataclass(frozen=True, slots=True)
class MemorySeals:
    """The seals in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[int, StoredSeal]:
        return Table(self.transaction, "seals")

    async def after(self, number: int, *, limit: int) -> Sequence[StoredSeal]:
        """Return seals in the order of their numbers."""
        return [one for one in self._ordered() if one.seal.statement.number > number][:limit]

    async def get(self, number: int) -> StoredSeal:
        """Return a seal, or raise SealNotFound."""
        found = self._table.get(number)
        if found is None:
            raise SealNotFound(number)
        return found

    async def last(self) -> StoredSeal | None:
        """Return the newest seal."""
        return next(iter(self._ordered()[::-1]), None)

    async def covering(self, commit: int) -> StoredSeal | None:
        """Return the first seal whose tree holds this commit."""
        return next((one for one in self._ordered() if one.seal.statement.commit_count >= commit), None)

    async def add(self, seal: StoredSeal) -> bool:
        """Put a seal on record; False when another of its number was there first."""
        number = seal.seal.statement.number
        await self._table.hold(number)
        if self._table.get(number) is not None:
            return False
        await self._table.put(number, seal)
        return True

    def _ordered(self) -> list[StoredSeal]:
        return sorted(self._table.all(), key=lambda one: one.seal.statement.number)
