from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.memory.clock import ManualClock
from adapters.memory.facts import MemoryFacts
from adapters.memory.store import Store, Transaction
from adapters.memory.work import MemoryWork
from application.shared.ports import Clock
from domain.shared.ids import UserId


class MemoryDatabase:
    """A database that lasts as long as its process, with the transactions of the real one."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.store = Store(clock or ManualClock())

    @asynccontextmanager
    async def begin(self, actor: UserId | None) -> AsyncIterator[MemoryWork]:
        """Open a transaction: leaving it commits state and facts together, an exception undoes both."""
        transaction = Transaction(self.store, actor)
        facts = MemoryFacts(transaction)
        try:
            yield MemoryWork(transaction, facts)
            facts.flush()
            transaction.commit()
        finally:
            transaction.end()
