from dataclasses import dataclass

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Place
from domain.shared.errors import StaleWrite


@dataclass(frozen=True, slots=True)
class MemoryCheckpoints:
    """How far each reaction has come, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[str, Place]:
        return Table(self.transaction, "checkpoints")

    async def hold(self, name: str) -> Place | None:
        """Return how far the reaction has come, and keep others from it; None if another has it."""
        if not self._table.try_hold(name):
            return None
        return self._table.get(name) or Place(0)

    async def move(self, name: str, place: Place) -> None:
        """Put on record that everything up to here has had its effect; raises StaleWrite rather than go back."""
        if place < (self._table.get(name) or 0):
            raise StaleWrite(f"The checkpoint {name}")
        await self._table.put(name, place)
