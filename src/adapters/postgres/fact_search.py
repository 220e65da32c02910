from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import CODEC
from adapters.postgres.reading import read_where
from adapters.postgres.statements import fetch
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.audit.fact_search import FactCount, FactFilter, Found, Touched
from application.shared.ports import Place, Recorded

_CAUSES: Final = "SELECT position, correlation_id FROM events WHERE position = ANY (%(places)b::bigint[])"

_COUNT: Final = """
SELECT count(*) AS facts, count(DISTINCT stream_id) AS streams, count(*) FILTER (WHERE version = 1) AS begun
FROM events WHERE {}
"""
_TOUCHED: Final = """
SELECT touched.stream_id, facts, first, last, type, version FROM (
    SELECT stream_id, count(*) AS facts, min(position) AS first, max(position) AS last
    FROM events WHERE {} GROUP BY stream_id HAVING min(position) > %(beyond)s
    ORDER BY min(position) LIMIT %(limit)s
) AS touched
JOIN events ON position = first ORDER BY first
"""


@dataclass(frozen=True, slots=True)
class PostgresFactSearch:
    """Finds facts in PostgreSQL, by index wherever a stream, a user or a type is named."""

    connection: AsyncConnection
    subjects: PostgresSubjectKeys

    @property
    def names(self) -> Mapping[str, type]:
        """Every stored name that is known, and the class of today that its facts are read as."""
        return CODEC.classes

    async def find(self, wanted: FactFilter, *, limit: int, reverse: bool = False) -> Sequence[Found]:
        """Return the first such facts in the order of the log, or the last ones, newest first."""
        conditions, values = _conditions(wanted)
        order = "DESC" if reverse else "ASC"
        page = await read_where(
            self.subjects,
            f"WHERE {conditions} ORDER BY position {order} LIMIT %(limit)s",
            {**values, "limit": limit},
        )
        causes: dict[int, UUID | None] = {}
        if page:
            causes = dict(await fetch(self.connection, _CAUSES, {"places": [one.place for one in page]}))
        return [_found(one, causes.get(one.place)) for one in page]

    async def count(self, wanted: FactFilter) -> FactCount:
        """Count such facts and their streams."""
        conditions, values = _conditions(wanted)
        [row] = await fetch(self.connection, _COUNT.format(conditions), values)
        return FactCount(row.facts, row.streams, row.begun)

    async def touched(self, wanted: FactFilter, *, beyond: Place, limit: int) -> Sequence[Touched]:
        """Return the streams of such facts in the order of their first one, whose position is greater than `beyond`."""
        conditions, values = _conditions(wanted)
        values |= {"beyond": beyond, "limit": limit}
        rows = await fetch(self.connection, _TOUCHED.format(conditions), values)
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


def _conditions(wanted: FactFilter) -> tuple[LiteralString, dict[str, object]]:
    named: dict[LiteralString, object] = {
        "events.position > %(after)s": wanted.after,
        "events.position <= %(until)s": wanted.until,
        "events.type = ANY (%(names)s::text[])": list(wanted.names) or None,
        "events.stream_id = %(stream)s": wanted.stream,
        "events.user_id = %(user)s": wanted.user,
        "events.correlation_id = %(correlation)s": wanted.correlation,
    }
    values: dict[str, object] = {
        "after": wanted.after,
        "until": wanted.until,
        "names": list(wanted.names),
        "stream": wanted.stream,
        "user": wanted.user,
        "correlation": wanted.correlation,
    }
    return " AND ".join(text for text, value in named.items() if value is not None), values


def _found(recorded: Recorded, cause: UUID | None) -> Found:
    said = {one.name: getattr(recorded, one.name) for one in fields(Recorded)}
    return Found(**said, correlation_id=cause)
