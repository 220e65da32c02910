from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

WorkT = TypeVar("WorkT")

_STILL: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
_NOBODY: Final = text("SELECT set_config('app.actor', '', true)")


@dataclass(frozen=True, slots=True)
class PostgresSession(Generic[WorkT]):
    """One connection of a worker's, kept from transaction to transaction with its temporary tables and locks."""

    connection: AsyncConnection
    work: Callable[[AsyncConnection], WorkT]

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[WorkT]:
        """Open a transaction that sees what is committed as it goes; it writes no facts."""
        async with self.connection.begin():
            await self.connection.execute(_NOBODY)
            yield self.work(self.connection)

    @asynccontextmanager
    async def begin_still(self) -> AsyncIterator[WorkT]:
        """Open a transaction that sees everything as it is at its beginning; it writes no facts."""
        async with self.connection.begin():
            await self.connection.execute(_STILL)
            await self.connection.execute(_NOBODY)
            yield self.work(self.connection)
