from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Generic, TypeAlias, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.postgres.errors import our_errors
from adapters.postgres.facts import PostgresFacts
from adapters.postgres.urls import parsed
from application.shared.ports import Clock, Ids
from domain.shared.ids import UserId

WorkT = TypeVar("WorkT")
WorkFactory: TypeAlias = Callable[[AsyncConnection, PostgresFacts], WorkT]

_SET_ACTOR: Final = text("SELECT set_config('app.actor', :actor, true)")


class PostgresDatabase(Generic[WorkT]):
    """A PostgreSQL database, entered as one role; `work` says what its transactions offer.

    `pool_size` is how many transactions may be open at once; the next one waits for `patience` seconds, then it is
    refused as Unavailable. Connections are made when they are needed, and replaced when the server has closed them.
    """

    def __init__(
        self,
        url: str,
        *,
        work: WorkFactory[WorkT],
        clock: Clock,
        ids: Ids,
        pool_size: int = 10,
        patience: float = 30,
    ) -> None:
        self._work = work
        self._clock = clock
        self._ids = ids
        self._engine = create_async_engine(
            parsed(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
        )

    @asynccontextmanager
    async def begin(self, actor: UserId | None) -> AsyncIterator[WorkT]:
        """Open a transaction on behalf of somebody; leaving it commits state and facts, an exception undoes both.

        Without an actor a worker sees everything, and the HTTP server nothing. Raises StaleWrite and Unavailable.
        """
        with our_errors():
            async with self._engine.connect() as connection:
                await _set_actor(connection, actor)
                facts = PostgresFacts(connection, self._clock, self._ids)
                yield self._work(connection, facts)
                await facts.flush()
                await connection.commit()

    async def close(self) -> None:
        """Close every connection that is not in use."""
        await self._engine.dispose()


async def _set_actor(connection: AsyncConnection, actor: UserId | None) -> None:
    chosen = {"actor": "" if actor is None else str(actor)}
    try:
        await connection.execute(_SET_ACTOR, chosen)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # The server had closed the connection while it lay in the pool. Nothing was done yet, so try a new one.
        await connection.rollback()
        await connection.execute(_SET_ACTOR, chosen)
