from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import CODEC
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.reading import read_where, recorded
from adapters.postgres.log.touched import touched_here, touched_streams
from adapters.postgres.log.whole_log import row_of
from adapters.postgres.statements import fetch
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.audit.proving.archive import Wanted
from application.audit.reading.fact_search import FactCount, FactFilter, Found, Touched
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id

_CAUSES: Final = "SELECT position, correlation_id FROM events WHERE position = ANY (%(places)b::bigint[])"

_COUNT: Final = """
SELECT count(*) AS facts, count(DISTINCT stream_id) AS streams, count(*) FILTER (WHERE version = 1) AS begun
FROM events WHERE {}
"""
_STREAMS: Final = "SELECT DISTINCT stream_id FROM events WHERE {}"


@dataclass(frozen=True, slots=True)
class PostgresFactSearch:
    """Finds facts in PostgreSQL, by index wherever a stream, a user or a rare type is named; older ones in files."""

    connection: AsyncConnection
    subjects: PostgresSubjectKeys
    archived: PostgresArchived

    @property
    def names(self) -> Mapping[str, type]:
        """Every stored name that is known, and the class of today that its facts are read as."""
        return CODEC.classes

    async def find(self, wanted: FactFilter, *, limit: int, reverse: bool = False) -> Sequence[Found]:
        """Return the first such facts in the order of the log, or the last ones, newest first; raises ArchiveFault."""
        there, here = await self._parts(wanted)
        found: list[Found] = []
        if there is not None and not reverse:
            found += await self._in_files(there, limit)
        if len(found) < limit and here is not None:
            found += await self._in_database(here, limit - len(found), reverse=reverse)
        if there is not None and reverse and len(found) < limit:
            found += await self._in_files(replace(there, newest_first=True), limit - len(found))
        return found

    async def count(self, wanted: FactFilter) -> FactCount:
        """Count such facts and their streams; raises ArchiveFault."""
        there, here = await self._parts(wanted)
        old = [] if there is None else await self.archived.streams(there)
        facts, begun = sum(one.facts for one in old), sum(one.first_version == 1 for one in old)
        if here is None:
            return FactCount(facts, len(old), begun)
        conditions, values = conditions_of(here)
        [row] = await fetch(self.connection, _COUNT.format(conditions), values)
        streams = row.streams + len(old)
        if old:
            known = {one.stream for one in old}
            rows = await fetch(self.connection, _STREAMS.format(conditions), values)
            streams -= sum(one.stream_id in known for one in rows)
        return FactCount(row.facts + facts, streams, row.begun + begun)

    async def touched(self, wanted: FactFilter, *, beyond: Place, limit: int) -> Sequence[Touched]:
        """Return the streams of such facts in the order of their first one, whose position is greater than `beyond`."""
        there, here = await self._parts(wanted)
        if there is None and here is not None:
            conditions, values = conditions_of(here)
            return await touched_here(self.connection, conditions, values, beyond=beyond, limit=limit)
        if there is None:
            return []
        rest = None if here is None else conditions_of(here)
        return await touched_streams(self.connection, self.archived, there, rest, beyond=beyond, limit=limit)

    async def _parts(self, wanted: FactFilter) -> tuple[Wanted | None, FactFilter | None]:
        """Say what is to be looked for in files, and what in the database."""
        cut = await self.archived.cut()
        if wanted.after >= cut:
            return None, wanted
        there = Wanted(
            after=wanted.after,
            until=cut if wanted.until is None else min(cut, wanted.until),
            types=wanted.names,
            users=None if wanted.user is None else frozenset({wanted.user}),
            streams=None if wanted.stream is None else frozenset({wanted.stream}),
            correlation=wanted.correlation,
        )
        here = None if wanted.until is not None and wanted.until <= cut else replace(wanted, after=cut)
        return there, here

    async def _in_files(self, wanted: Wanted, limit: int) -> list[Found]:
        facts = await self.archived.facts(wanted, limit=limit)
        page = await recorded(self.subjects, [row_of(fact) for fact in facts])
        return [_found(one, fact.correlation_id) for one, fact in zip(page, facts, strict=True)]

    async def _in_database(self, wanted: FactFilter, limit: int, *, reverse: bool) -> list[Found]:
        conditions, values = conditions_of(wanted)
        order = "DESC" if reverse else "ASC"
        page = await read_where(
            self.subjects,
            f"WHERE {conditions} ORDER BY position {order} LIMIT %(limit)s",
            {**values, "limit": limit},
            prepare=False if wanted.names else None,
        )
        causes: dict[int, Id | None] = {}
        if page:
            causes = dict(await fetch(self.connection, _CAUSES, {"places": [one.place for one in page]}))
        return [_found(one, causes.get(one.place)) for one in page]


def conditions_of(wanted: FactFilter) -> tuple[LiteralString, dict[str, object]]:
    """Return what a query says of such facts, and the values in it."""
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


def _found(recorded: Recorded, cause: Id | None) -> Found:
    return Found(*recorded, correlation_id=cause)
