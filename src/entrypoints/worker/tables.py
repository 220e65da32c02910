from dataclasses import dataclass

from adapters.postgres.partitions import ensure_event_partitions, ensure_partitions
from adapters.postgres.pruning import prune
from adapters.postgres.work import PostgresWork
from application.shared.ports import Begin, Clock


@dataclass(frozen=True, slots=True)
class KeepTables:
    """Makes the tables' coming partitions before a row needs them, and removes rows that serve no more."""

    begin: Begin[PostgresWork]
    clock: Clock

    async def __call__(self) -> None:
        """Do both, removing a bounded number of rows at a time."""
        at = self.clock.now()
        async with self.begin(None) as work:
            await ensure_partitions(work.connection, at=at)
        async with self.begin(None) as work:
            await ensure_event_partitions(work.connection)
        async with self.begin(None) as work:
            await prune(work.connection, at=at)
