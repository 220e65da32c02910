from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, Generic, TypeAlias, TypeVar

from sqlalchemy import NullPool, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.postgres.errors import our_errors
from adapters.postgres.ids import adapters
from adapters.postgres.log.archived import NoArchive, PostgresArchived
from adapters.postgres.log.facts import PostgresFacts
from adapters.postgres.session import PostgresSession
from adapters.postgres.subject_keys import PostgresSubjectKeys
from adapters.postgres.timeouts import timed
from adapters.postgres.urls import parsed
from application.audit.proving.archive import ArchivedFacts
from application.audit.reading.sight import Sight
from application.shared.ports import Clock, Ids
from application.shared.secrets import SecretKeys
from domain.shared.ids import UserId

WorkT = TypeVar("WorkT")
WorkFactory: TypeAlias = Callable[[AsyncConnection, PostgresFacts], WorkT]

_SET_ACTOR: Final = text("SELECT set_config('app.actor', :actor, true)")
_SET_SIGHT: Final = text(
    "SELECT set_config('app.actor', :actor, true), set_config('app.auditor', :auditor, true), "
    "set_config('app.audited', :audited, true), set_config('transaction_read_only', 'on', true)"
)


class PostgresDatabase(Generic[WorkT]):
    """A PostgreSQL database, entered as one role; `work` says what its transactions offer.

    `pool_size` is how many transactions may be open at once; the next one waits for `patience` seconds, then it is
    refused as Unavailable. Connections are made when they are needed, and replaced when the server has closed them.
    Without `secrets` nothing personal can be written, nor what was sealed be read; without an `archive`, which is
    opened when it is first needed, no fact be read that was taken out of the database.
    """

    def __init__(
        self,
        url: str,
        *,
        work: WorkFactory[WorkT],
        clock: Clock,
        ids: Ids,
        secrets: SecretKeys | None = None,
        archive: Callable[[], ArchivedFacts] = NoArchive,
        pool_size: int = 10,
        patience: float = 30,
    ) -> None:
        self._url = url
        self._work = work
        self._clock = clock
        self._ids = ids
        self._secrets = secrets
        self._archive = archive
        self._engine = create_async_engine(
            timed(parsed(url)),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={"context": adapters()},
        )

    @asynccontextmanager
    async def begin(self, actor: UserId | None) -> AsyncIterator[WorkT]:
        """Open a transaction on behalf of somebody; leaving it commits state and facts, an exception undoes both.

        Without an actor a worker sees everything, and the HTTP server nothing. Raises StaleWrite and Unavailable.
        """
        with our_errors():
            async with self._engine.connect() as connection:
                await _say(connection, _SET_ACTOR, {"actor": _text(actor)})
                facts = self._facts(connection)
                yield self._work(connection, facts)
                await facts.flush()
                await connection.commit()

    @asynccontextmanager
    async def begin_sight(self, sight: Sight) -> AsyncIterator[WorkT]:
        """Open a transaction that reads what somebody may see of the audit; it acts for nobody, and can write nothing.

        Whoever looks at others sees something only if the database finds them to be an operator at this moment.
        """
        said = {
            "actor": _text(sight.viewer) if sight.own else "",
            "auditor": "" if sight.own else _text(sight.viewer),
            "audited": _text(sight.subject),
        }
        with our_errors():
            async with self._engine.connect() as connection:
                await _say(connection, _SET_SIGHT, said)
                yield self._work(connection, self._facts(connection))

    @asynccontextmanager
    async def session(self) -> AsyncIterator[PostgresSession[WorkT]]:
        """Make a connection of one's own beside the others, and close it afterwards; only workers need one."""
        own = create_async_engine(
            timed(parsed(self._url)),
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={"context": adapters()},
        )
        with our_errors():
            async with own.connect() as connection:
                yield PostgresSession(connection, lambda one: self._work(one, self._facts(one)))

    def _facts(self, connection: AsyncConnection) -> PostgresFacts:
        subjects = PostgresSubjectKeys(connection, self._secrets, self._ids)
        archived = PostgresArchived(connection, self._archive)
        return PostgresFacts(connection, self._clock, self._ids, subjects, archived)

    async def close(self) -> None:
        """Close every connection that is not in use."""
        await self._engine.dispose()


async def _say(connection: AsyncConnection, statement: TextClause, said: Mapping[str, str]) -> None:
    try:
        await connection.execute(statement, said)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # The server had closed the connection while it lay in the pool. Nothing was done yet, so try a new one.
        await connection.rollback()
        await connection.execute(statement, said)


def _text(user: UserId | None) -> str:
    return "" if user is None else str(user)
