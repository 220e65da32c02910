from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, LiteralString, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.statements import fetch
from application.audit.proving.archive import ArchivedStream, Wanted
from application.audit.reading.fact_search import Touched
from application.shared.ports import Place

Query: TypeAlias = tuple[LiteralString, dict[str, object]]
"""What a query says of the facts that are looked for, and the values in it."""

_TOUCHED: Final = """
SELECT touched.stream_id, facts, first, last, type, version FROM (
    SELECT stream_id, count(*) AS facts, min(position) AS first, max(position) AS last
    FROM events WHERE {} GROUP BY stream_id HAVING min(position) > %(beyond)s
    ORDER BY min(position) LIMIT %(limit)s
) AS touched
JOIN events ON position = first ORDER BY first
"""
_SINCE: Final = """
SELECT stream_id, count(*) AS facts, max(position) AS last
FROM events WHERE {} AND stream_id = ANY (%(streams)s::uuid[]) GROUP BY stream_id
"""


async def touched_here(
    connection: AsyncConnection,
    conditions: LiteralString,
    values: Mapping[str, object],
    *,
    beyond: Place,
    limit: int,
) -> list[Touched]:
    """Return the streams of such facts in the database in the order of their first one, beyond a place."""
    rows = await fetch(connection, _TOUCHED.format(conditions), {**values, "beyond": beyond, "limit": limit})
    return [
        Touched(
            stream=row.stream_id,
            facts=row.facts,
            first=Place(row.first),
            last=Place(row.last),
            first_name=row.type,
            first_version=row.version,
        )
        for row in rows
    ]


async def touched_streams(
    connection: AsyncConnection,
    archived: PostgresArchived,
    there: Wanted,
    here: Query | None,
    *,
    beyond: Place,
    limit: int,
) -> list[Touched]:
    """Return the streams of such facts in the archive and the database, in the order of their first one.

    Those that begin in the archive come first, with what the database holds of them; raises ArchiveFault.
    """
    old = await archived.streams(there, beyond=beyond, limit=limit)
    found = await _with_what_came_since(connection, old, here)
    beyond = max(beyond, there.until)
    while here is not None and len(found) < limit:
        page = await touched_here(connection, *here, beyond=beyond, limit=limit)
        streams = frozenset(one.stream for one in page)
        known = await archived.streams(replace(there, streams=streams)) if streams else ()
        begun_before = {one.stream for one in known}
        found += [one for one in page if one.stream not in begun_before]
        if len(page) < limit:
            break
        beyond = page[-1].first
    return found[:limit]


async def _with_what_came_since(
    connection: AsyncConnection, old: Sequence[ArchivedStream], here: Query | None
) -> list[Touched]:
    since = {}
    if here is not None and old:
        conditions, values = here
        rows = await fetch(
            connection, _SINCE.format(conditions), {**values, "streams": [one.stream for one in old]}
        )
        since = {row.stream_id: row for row in rows}
    return [
        Touched(
            stream=one.stream,
            facts=one.facts + (since[one.stream].facts if one.stream in since else 0),
            first=one.first,
            last=Place(since[one.stream].last) if one.stream in since else one.last,
            first_name=one.first_name,
            first_version=one.first_version,
        )
        for one in old
    ]
