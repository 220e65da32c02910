from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from psycopg.errors import InsufficientPrivilege

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.driver import driver_of
from adapters.postgres.replaying.folded_rows import PostgresFoldedRows
from adapters.postgres.replaying.folded_tables import TABLES
from adapters.postgres.replaying.memory_rows import PostgresMemoryRows
from adapters.postgres.replaying.place import TEMPORARY, temporary_tables
from adapters.postgres.replaying.remembered_tables import REMEMBERED
from adapters.postgres.roles import WORKER
from adapters.postgres.session import PostgresSession
from application.audit.ports import AuditWork
from application.audit.replaying.scratch import Reactions
from domain.shared.errors import Denied

WorkT = TypeVar("WorkT", bound=AuditWork)

_TABLES: Final = temporary_tables(*TABLES, *(remembered.table for remembered in REMEMBERED.values()))


class NoTemporaryTables(Denied):
    """Somebody has taken a right away that PostgreSQL gives to everybody."""

    def __init__(self) -> None:
        super().__init__(
            "A replay needs temporary tables, which this database does not allow: as its administrator, run "
            f"`GRANT TEMPORARY ON DATABASE <its name> TO {WORKER}`."
        )


@dataclass(frozen=True, slots=True)
class PostgresSpace(Generic[WorkT]):
    """Temporary tables of one connection, and what the reactions need beside them."""

    session: PostgresSession[WorkT]
    rows: PostgresFoldedRows
    memories: PostgresMemoryRows
    reactions: Reactions

    def standing_still(self) -> AbstractAsyncContextManager[AuditWork]:
        """Open a transaction that sees log and tables as they are at its beginning, whatever others commit."""
        return self.session.begin_still()


@dataclass(frozen=True, slots=True)
class PostgresScratch(Generic[WorkT]):
    """Gives scratch schemas: PostgreSQL's own for the temporary tables of a connection, dropped when it ends.

    Nobody else can look into them, however many replay at once, and a crash leaves nothing behind.
    """

    database: PostgresDatabase[WorkT]
    reactions: Callable[[], Reactions]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresSpace[WorkT]]:
        """Open a space of one's own."""
        async with self.database.session() as session:
            async with session.connection.begin():
                try:
                    await (await driver_of(session.connection)).execute(_TABLES)
                except InsufficientPrivilege as refusal:
                    raise NoTemporaryTables from refusal
            reactions = self.reactions()
            try:
                yield PostgresSpace(
                    session,
                    PostgresFoldedRows(session.connection, TEMPORARY),
                    PostgresMemoryRows(session.connection, TEMPORARY),
                    reactions,
                )
            finally:
                reactions.close()
