from dataclasses import dataclass

from adapters.postgres.partitions import ensure_partitions
from adapters.postgres.work import PostgresWork
from application.shared.ports import Begin, Clock


@dataclass(frozen=True, slots=True)
class KeepPartitions:
    """Makes the tables' coming partitions before a row needs them."""

    begin: Begin[PostgresWork]
    clock: Clock

    async def __call__(self) -> int:
        """Return how many were made."""
        async with self.begin(None) as work:
            return await ensure_partitions(work.connection, at=self.clock.now())
