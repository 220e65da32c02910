from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.log.archived import PostgresArchived
from application.audit.archiving.exports import DatedCommit
from application.audit.proving.archive import Wanted
from application.audit.proving.stored_log import StoredCommit, StoredFact
from application.shared.ports import Place

_FACTS: Final = """
SELECT position, event_id, stream_id, version, type, user_id, correlation_id, recorded_at, payload, fingerprint
FROM events WHERE position > %(after)s AND position <= %(until)s ORDER BY position LIMIT %(limit)s
"""
_COMMITS: Final = """
SELECT number, first_position, event_count, root, chain, recorded_at
FROM commits WHERE number > %(after)s AND number <= %(until)s ORDER BY number LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class PostgresLogRows:
    """The log's rows in bulk: what was archived comes from its files."""

    connection: AsyncConnection
    archived: PostgresArchived

    async def facts(self, *, after: Place, until: Place, limit: int) -> Sequence[StoredFact]:
        """Return facts in the order of their places, wherever they are kept; raises ArchiveFault."""
        cut = await self.archived.cut()
        if after < cut:
            return await self.archived.facts(Wanted(after=after, until=min(until, cut)), limit=limit)
        driver = await driver_of(self.connection)
        async with driver.cursor(binary=True) as cursor:
            await cursor.execute(_FACTS, {"after": after, "until": until, "limit": limit})
            return [
                StoredFact(
                    place=Place(place),
                    event_id=event_id,
                    stream=stream,
                    version=version,
                    type=kind,
                    user_id=user_id,
                    correlation_id=cause,
                    recorded_at=at,
                    payload=payload,
                    fingerprint=fingerprint,
                )
                for place, event_id, stream, version, kind, user_id, cause, at, payload, fingerprint in (
                    await cursor.fetchall()
                )
            ]

    async def commits(self, *, after: int, until: int, limit: int) -> Sequence[DatedCommit]:
        """Return commits in the order of their numbers."""
        driver = await driver_of(self.connection)
        async with driver.cursor(binary=True) as cursor:
            await cursor.execute(_COMMITS, {"after": after, "until": until, "limit": limit})
            return [
                DatedCommit(
                    StoredCommit(number=number, first=Place(first), count=count, root=root, chain=chain), at
                )
                for number, first, count, root, chain, at in await cursor.fetchall()
            ]
