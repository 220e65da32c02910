from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.memory.clock import ManualClock
from adapters.memory.facts import MemoryFacts
from adapters.memory.store import Store, Transaction
from adapters.memory.work import MemoryWork
from application.audit.reading.sight import Sight
from application.shared.ports import Clock
from domain.shared.ids import UserId, id_of

_NOBODY: Final = UserId(id_of(0))


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

    @asynccontextmanager
    async def begin_sight(self, sight: Sight) -> AsyncIterator[MemoryWork]:
        """Open a transaction that reads what somebody may see of the audit; whatever it writes is forgotten."""
        allowed = sight.own
        if not allowed:
            async with self.begin(sight.viewer) as work:
                operator = await work.operators.get(sight.viewer)
            allowed = operator is not None and operator.stands
        transaction = Transaction(self.store, sight.subject if allowed else _NOBODY, opens=sight.own)
        try:
            yield MemoryWork(transaction, MemoryFacts(transaction))
        finally:
            transaction.end()
