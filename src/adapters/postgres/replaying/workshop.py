from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.driver import driver_of
from adapters.postgres.errors import our_errors
from adapters.postgres.replaying.folded_rows import PostgresFoldedRows
from adapters.postgres.replaying.place import BESIDE
from adapters.postgres.session import PostgresSession
from application.audit.ports import AuditWork
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.shared.errors import Conflict

WorkT = TypeVar("WorkT", bound=AuditWork)

_ONE_AT_A_TIME: Final = text("SELECT pg_try_advisory_lock(1347177740)")
_LET_OTHERS: Final = text("SELECT pg_advisory_unlock(1347177740)")
_PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"  # sooner than PostgreSQL looks for a deadlock to end


class SomebodyRebuilds(Conflict):
    """Another process is rebuilding at this moment."""

    def __init__(self) -> None:
        super().__init__("Projections are being rebuilt by another process; wait until it is done.")


@dataclass(frozen=True, slots=True)
class PostgresWorkshop(Generic[WorkT]):
    """Tables beside the ones in service, reached through the functions of migration 0010."""

    session: PostgresSession[WorkT]
    rows: PostgresFoldedRows

    async def begin(self, kinds: Sequence[Kind], code: bytes) -> Place:
        """Make the tables, or find those that the same code left half built; return how far they have come."""
        async with self.session.begin():
            reached = [await self._begun(kind, code) for kind in kinds]
            if len(set(reached)) > 1:  # built by runs of their own: they go on together from the beginning
                await self._drop(kinds)
                reached = [await self._begun(kind, code) for kind in kinds]
        return Place(reached[0])

    async def drop(self, kinds: Sequence[Kind]) -> Sequence[Kind]:
        """Remove what is half built, and return of which kinds there was something."""
        async with self.session.begin():
            return await self._drop(kinds)

    def step(self) -> AbstractAsyncContextManager[AuditWork]:
        """Open a transaction for the next step."""
        return self.session.begin()

    async def reach(self, kinds: Sequence[Kind], place: Place) -> None:
        """Put on record, in the step's transaction, that everything up to here is among the rows."""
        driver = await driver_of(self.session.connection)
        for kind in kinds:
            await driver.execute("SELECT reach_rebuild(%s, %s)", [kind.value, place])

    async def hold(self, kinds: Sequence[Kind]) -> None:
        """Keep everybody from writing to the tables in service; raises Unavailable when that takes too long."""
        driver = await driver_of(self.session.connection)
        with our_errors():
            await driver.execute(_PATIENCE)
            await driver.execute("SELECT hold_projections(%s)", [[kind.value for kind in kinds]])

    async def switch(self, kinds: Sequence[Kind], place: Place) -> int:
        """Put the new versions in the place of the old, and return how many rows that changed; raises Conflict."""
        driver = await driver_of(self.session.connection)
        try:
            cursor = await driver.execute(
                "SELECT switch_projections(%s, %s)", [[kind.value for kind in kinds], place]
            )
        except (errors.ForeignKeyViolation, errors.UniqueViolation) as wrong:
            raise Conflict(
                f"The rebuilt {' and '.join(kinds)} rows refer to others that are not there, or stand in the way of "
                "others; rebuild all projections together."
            ) from wrong
        [[changed]] = await cursor.fetchall()
        return int(changed)

    async def _begun(self, kind: Kind, code: bytes) -> int:
        driver = await driver_of(self.session.connection)
        cursor = await driver.execute("SELECT begin_rebuild(%s, %s)", [kind.value, code])
        [[position]] = await cursor.fetchall()
        return int(position)

    async def _drop(self, kinds: Sequence[Kind]) -> Sequence[Kind]:
        driver, dropped = await driver_of(self.session.connection), list[Kind]()
        for kind in kinds:
            cursor = await driver.execute("SELECT drop_rebuild(%s)", [kind.value])
            [[known]] = await cursor.fetchall()
            dropped.extend([kind] if known else [])
        return dropped


@dataclass(frozen=True, slots=True)
class PostgresWorkshops(Generic[WorkT]):
    """Gives the database's workshop to one process at a time; PostgreSQL takes it from those that die."""

    database: PostgresDatabase[WorkT]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWorkshop[WorkT]]:
        """Open the workshop; raises Conflict while somebody else is in it."""
        async with self.database.session() as session:
            async with session.connection.begin():
                free = await session.connection.scalar(_ONE_AT_A_TIME)
            if not free:
                raise SomebodyRebuilds
            try:
                yield PostgresWorkshop(session, PostgresFoldedRows(session.connection, BESIDE))
            finally:
                with suppress(
                    SQLAlchemyError
                ):  # the end of the connection gives it back too, but not at once
                    async with session.connection.begin():
                        await session.connection.execute(_LET_OTHERS)
