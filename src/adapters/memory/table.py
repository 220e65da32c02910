from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from adapters.memory.store import GONE, Transaction

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Table(Generic[KeyT, ValueT]):
    """One kind of row as one transaction sees it, whoever it belongs to."""

    transaction: Transaction
    name: str

    def get(self, key: KeyT) -> ValueT | None:
        """Return the row, if there is one."""
        committed = self.transaction.store.rows.get(self.name, {}).get(key)
        value = self.transaction.written.get((self.name, key), committed)
        return None if value is GONE else cast("ValueT | None", value)

    def all(self) -> list[ValueT]:
        """Return every row, in the order in which they were first written."""
        written = {key: value for (name, key), value in self.transaction.written.items() if name == self.name}
        rows = self.transaction.store.rows.get(self.name, {}) | written
        return [cast("ValueT", value) for value in rows.values() if value is not GONE]

    async def hold(self, key: KeyT) -> None:
        """Keep other writers from the row until the end of the transaction."""
        await self.transaction.hold((self.name, key))

    def try_hold(self, key: KeyT) -> bool:
        """Keep other writers from the row, unless one of them has it."""
        return self.transaction.try_hold((self.name, key))

    async def put(self, key: KeyT, value: ValueT) -> None:
        """Write the row."""
        await self.hold(key)
        self.transaction.written[self.name, key] = value

    async def remove(self, key: KeyT) -> None:
        """Remove the row."""
        await self.hold(key)
        self.transaction.written[self.name, key] = GONE
