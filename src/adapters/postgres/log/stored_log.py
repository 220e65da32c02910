from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.copied_leaves import copied_leaves
from adapters.postgres.log.turns import Turns
from adapters.postgres.statements import fetch
from application.audit.proving.archive import Wanted
from application.audit.proving.stored_log import LeafRun, StoredCommit, StoredFact
from application.shared.ports import Place

_COMMIT: Final = "SELECT number, first_position, event_count, root, chain FROM commits"
_FACT: Final = """
SELECT position, event_id, stream_id, version, type, user_id, correlation_id, recorded_at, payload, fingerprint
FROM events WHERE position = %(place)s
"""
_LEAVES: Final = "SELECT leaves FROM commits WHERE number = %(number)s"
_UNCOMMITTED: Final = """
SELECT position FROM events
WHERE position > coalesce((SELECT first_position + event_count - 1 FROM commits ORDER BY number DESC LIMIT 1), 0)
ORDER BY position LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class PostgresStoredLog:
    """The log's rows in PostgreSQL, read past every decoder."""

    connection: AsyncConnection
    archived: PostgresArchived

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order of their numbers."""
        return await self._commits(
            f"{_COMMIT} WHERE number > %(after)s ORDER BY number LIMIT %(limit)s",
            {"after": after, "limit": limit},
        )

    async def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Hash facts in the order of their places, in bounded memory; a new run begins after every gap.

        Raises ArchiveFault.
        """
        cut = await self.archived.cut()
        if after < cut:
            async for run in self.archived.leaves(after=after, until=min(until, cut)):
                yield run
        if until > cut:
            async for run in copied_leaves(self.connection, after=max(after, cut), until=until):
                yield run

    async def fact(self, place: Place) -> StoredFact | None:
        """Return the fact at a place."""
        for row in await fetch(self.connection, _FACT, {"place": place}):
            return StoredFact(
                place=Place(row.position),
                event_id=row.event_id,
                stream=row.stream_id,
                version=row.version,
                type=row.type,
                user_id=row.user_id,
                correlation_id=row.correlation_id,
                recorded_at=row.recorded_at,
                payload=row.payload,
                fingerprint=row.fingerprint,
            )
        if place > await self.archived.cut():
            return None
        wanted = Wanted(after=Place(place - 1), until=place)
        return next(iter(await self.archived.facts(wanted)), None)

    async def commit_of(self, place: Place) -> StoredCommit | None:
        """Return the last commit that begins there or before."""
        query: LiteralString = (
            f"{_COMMIT} WHERE first_position <= %(place)s ORDER BY first_position DESC LIMIT 1"
        )
        return next(iter(await self._commits(query, {"place": place})), None)

    async def commit_by_root(self, root: bytes, *, after: int) -> StoredCommit | None:
        """Return the first commit after this one that has the root."""
        query: LiteralString = (
            f"{_COMMIT} WHERE root = %(root)s AND number > %(after)s ORDER BY number LIMIT 1"
        )
        return next(iter(await self._commits(query, {"root": root, "after": after})), None)

    async def leaves_on_record(self, number: int) -> Sequence[bytes] | None:
        """Return the leaves that the commit's writer left beside its root; None when there are none."""
        rows = await fetch(self.connection, _LEAVES, {"number": number})
        joined = rows[0].leaves if rows else None
        return None if joined is None else [joined[at : at + 32] for at in range(0, len(joined), 32)]

    async def file_of(self, place: Place) -> str | None:
        """Return the name of the archive's file that holds the fact; None while the fact is in the database."""
        if place > await self.archived.cut():
            return None
        return next(
            (one.name for one in await self.archived.files(after=Place(place - 1), until=place)), None
        )

    async def uncommitted(self) -> Place | None:
        """Return the place of the first fact behind the last commit's end; None when there is none."""
        driver = await driver_of(self.connection)
        row: tuple[Any, ...] | None = await (await driver.execute(_UNCOMMITTED)).fetchone()
        return None if row is None else Place(row[0])

    async def out_of_turn(self, *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream: versions count from one, without gaps."""
        return await Turns(self.connection, self.archived).out_of_turn(after=after, until=until)

    async def misdated(self, *, after: int, until: int) -> int | None:
        """Return the first commit whose time is neither that of its facts nor, were that earlier, its predecessor's."""
        return await Turns(self.connection, self.archived).misdated(after=after, until=until)

    async def _commits(self, query: LiteralString, values: dict[str, object]) -> Sequence[StoredCommit]:
        driver = await driver_of(self.connection)
        async with driver.cursor(binary=True) as cursor:
            await cursor.execute(query, values)
            return [
                StoredCommit(number=number, first=Place(first), count=count, root=root, chain=chain)
                for number, first, count, root, chain in await cursor.fetchall()
            ]
