import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from adapters.postgres.errors import our_errors
from adapters.postgres.roles import OWNER
from adapters.postgres.urls import conninfo
from application.audit.archiving.archive_log import Part
from application.audit.proving.archive import ArchivedFile
from application.shared.ports import Place
from domain.shared.errors import Conflict, Denied, Unavailable

PATIENCE: Final = 600.0
"""Seconds until a part that is still being read is left where it is."""

TRY: Final = "200ms"
"""How long those who read the archive may wait for us while we wait for others."""

PAUSE: Final = 0.5

_ONE_AT_A_TIME: Final = "SELECT pg_try_advisory_lock(1347177735)"
_LET_OTHERS: Final = "SELECT pg_advisory_unlock(1347177735)"
_HERE: Final = """
SELECT name, bounds[1]::bigint AS first, bounds[2]::bigint - 1 AS last FROM (
    SELECT relname AS name,
        regexp_match(pg_get_expr(relpartbound, pg_class.oid), 'FROM \\(''(\\d+)''\\) TO \\(''(\\d+)''\\)') AS bounds
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'events'::regclass AND NOT inhdetachpending
) AS bounded
ORDER BY first
"""
_LEAVING: Final = """
SELECT partition, partition_first, partition_last, file, first_position, last_position, bytes, sha256
FROM archives AS one
WHERE act = 'archived' AND to_regclass(partition) IS NOT NULL
    AND NOT EXISTS (SELECT FROM archives WHERE act = 'restored' AND partition = one.partition AND number > one.number)
ORDER BY partition_first, first_position
"""
_REGISTER: Final = """
INSERT INTO archives (
    number, act, partition, partition_first, partition_last, first_position, last_position, file, bytes, sha256,
    recorded_at
)
SELECT coalesce(max(number), 0) + 1, 'archived', %(name)s, %(part_first)s, %(part_last)s, %(first)s, %(last)s,
    %(file)s, %(bytes)s, %(sha256)s, %(at)s
FROM archives
"""
_KEEP_BATCHES: Final = """
INSERT INTO archived_batches (batch_id, position)
SELECT stream_id, position FROM events
WHERE position BETWEEN %(first)s AND %(last)s AND version = 1 AND starts_with(type, 'positions.observed.')
ON CONFLICT DO NOTHING
"""
_STATE: Final = """
SELECT to_regclass(%(name)s) IS NOT NULL AS there, inhdetachpending AS pending
FROM (VALUES (1)) AS always LEFT JOIN pg_inherits
    ON inhparent = 'events'::regclass AND inhrelid = to_regclass(%(name)s)
"""


class MayNotArchive(Denied):
    """Partitions are taken out by who owns them, not by those who serve."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "This user may not archive the log: DATABASE_URL has to name the administrator that migrates the "
            f"database. PostgreSQL says: {why}"
        )


@dataclass(frozen=True, slots=True)
class PostgresParts:
    """The partitions of `events`, as their owner sees them, on a connection of its own without transactions."""

    connection: psycopg.AsyncConnection[Any]

    async def here(self) -> Sequence[Part]:
        """Return those that are in the log, in order."""
        return [
            Part(name=row.name, first=Place(row.first), last=Place(row.last))
            for row in await self._rows(_HERE)
        ]

    async def leaving(self) -> Sequence[tuple[Part, Sequence[ArchivedFile]]]:
        """Return those on record as archived that are not gone yet, with their files."""
        found: dict[Part, list[ArchivedFile]] = {}
        for row in await self._rows(_LEAVING):
            part = Part(name=row.partition, first=Place(row.partition_first), last=Place(row.partition_last))
            file = ArchivedFile(
                name=row.file,
                first=Place(row.first_position),
                last=Place(row.last_position),
                size=row.bytes,
                sha256=row.sha256,
            )
            found.setdefault(part, []).append(file)
        return list(found.items())

    async def register(self, part: Part, files: Sequence[ArchivedFile], *, at: datetime) -> None:
        """Put on record that a part is read from these files from now on."""
        async with self.connection.transaction():
            await self.connection.execute(_KEEP_BATCHES, {"first": part.first, "last": part.last})
            for file in files:
                await self.connection.execute(
                    _REGISTER,
                    {
                        "name": part.name,
                        "part_first": part.first,
                        "part_last": part.last,
                        "first": file.first,
                        "last": file.last,
                        "file": file.name,
                        "bytes": file.size,
                        "sha256": file.sha256,
                        "at": at,
                    },
                )

    async def take_out(self, part: Part) -> None:
        """Detach a part that is on record as archived, once nobody reads it any more, and drop it."""
        await self._until_all_have_asked(part)
        name = sql.Identifier(part.name)
        [state] = await self._rows(_STATE, {"name": part.name})
        if state.pending is not None:
            how = "FINALIZE" if state.pending else "CONCURRENTLY"
            await self.connection.execute(
                sql.SQL("ALTER TABLE events DETACH PARTITION {} {}").format(name, sql.SQL(how))
            )
        await self.connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))

    async def _until_all_have_asked(self, part: Part) -> None:
        """Wait for every transaction that may have learnt, before the part was on record, where it is to be read.

        Whoever asks holds a lock on the table of archives to the end; nobody is kept waiting for longer than a moment.
        """
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                async with self.connection.transaction():
                    await self.connection.execute(f"SET LOCAL lock_timeout = '{TRY}'")
                    await self.connection.execute("LOCK TABLE archives IN ACCESS EXCLUSIVE MODE")
                    return
            except psycopg.errors.LockNotAvailable:
                if asyncio.get_running_loop().time() > end:
                    raise Unavailable(
                        f"{part.name} is on record as archived, and still being read by somebody who began before; "
                        "it stays in the database until the command is run again."
                    ) from None
                await asyncio.sleep(PAUSE)

    async def _rows(self, query: str, values: dict[str, object] | None = None) -> list[Any]:
        async with self.connection.cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()


@asynccontextmanager
async def parts_of(admin_url: str) -> AsyncIterator[PostgresParts]:
    """Open the partitions as an administrator may, who can be their owner, and keep other archivers away meanwhile.

    Raises Conflict when there is one, Denied for who may not be the owner, and Unavailable.
    """
    with our_errors():
        async with await psycopg.AsyncConnection.connect(conninfo(admin_url), autocommit=True) as connection:
            try:
                await connection.execute(f"SET ROLE {OWNER}")
            except psycopg.errors.InsufficientPrivilege as refusal:
                raise MayNotArchive(refusal.diag.message_primary or "") from None
            await connection.execute("SET search_path = public")
            [[alone]] = await (await connection.execute(_ONE_AT_A_TIME)).fetchall()
            if not alone:
                raise Conflict("Another process is archiving the log, or restoring it, just now.")
            try:
                yield PostgresParts(connection)
            finally:
                with suppress(psycopg.Error):  # the end of the connection gives it back too, but not at once
                    await connection.execute(_LET_OTHERS)
