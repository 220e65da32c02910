from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from psycopg.rows import namedtuple_row

from adapters.postgres.log.parts import PostgresParts
from application.audit.archiving.archive_log import Part
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Place
from domain.shared.errors import Conflict

_NEWEST: Final = """
SELECT partition, partition_first, partition_last, to_regclass(partition) IS NOT NULL AS there
FROM archives AS one
WHERE act = 'archived'
    AND NOT EXISTS (SELECT FROM archives WHERE act = 'restored' AND partition = one.partition AND number > one.number)
ORDER BY partition_first DESC LIMIT 1
"""
_MAKE: Final = "CREATE TABLE {part} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
_COPY: Final = """
COPY {part} (
    position, event_id, stream_id, version, type, user_id, correlation_id, recorded_at, payload, fingerprint
) FROM STDIN (FORMAT binary)
"""
_TYPES: Final = ["int8", "uuid", "uuid", "int8", "text", "uuid", "uuid", "timestamptz", "bytea", "bytea"]
# As ensure_event_partitions makes them: rows first, for COPY is refused where row-level security is on.
_ATTACH: Final = """
CREATE UNIQUE INDEX {index} ON {part} (stream_id, version);
SELECT guard_event_partition({name}::regclass);
ALTER TABLE events ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({beyond});
"""
_REGISTER: Final = """
INSERT INTO archives (
    number, act, partition, partition_first, partition_last, first_position, last_position, recorded_at
)
SELECT max(number) + 1, 'restored', %(name)s, %(first)s, %(last)s, %(first)s, %(last)s, %(at)s FROM archives
"""


@dataclass(frozen=True, slots=True)
class PostgresReturns:
    """The partitions that were taken out of `events`, on the connection of their owner."""

    parts: PostgresParts

    async def newest_archived(self) -> Part | None:
        """Return the newest part that is read from files, or None; raises Conflict while it is being taken out."""
        async with self.parts.connection.cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(_NEWEST)
            row: Any = await cursor.fetchone()
        if row is None:
            return None
        if row.there:
            raise Conflict(
                f"{row.partition} was not wholly taken out yet: run `plimsoll audit archive` to finish that first."
            )
        return Part(name=row.partition, first=Place(row.partition_first), last=Place(row.partition_last))

    async def bring_back(
        self, part: Part, facts: AsyncIterator[Sequence[StoredFact]], *, at: datetime
    ) -> None:
        """Put a part into the log again with these facts, and on record that it is: both, or nothing."""
        names = {
            "part": sql.Identifier(part.name),
            "name": sql.Literal(part.name),
            "index": sql.Identifier(f"idx_{part.name}_stream_id_version"),
            "first": sql.Literal(part.first),
            "beyond": sql.Literal(part.last + 1),
        }
        connection = self.parts.connection
        async with connection.transaction():
            await connection.execute(sql.SQL(_MAKE).format(**names))
            held = await self._copied(sql.SQL(_COPY).format(**names), facts)
            if held != part.last - part.first + 1:
                raise Conflict(
                    f"The files hold {held} events of {part.name}, and not {part.last - part.first + 1}: nothing was "
                    "brought back. `plimsoll audit verify` says more."
                )
            await connection.execute(sql.SQL(_ATTACH).format(**names))
            values = {"name": part.name, "first": part.first, "last": part.last, "at": at}
            await connection.execute(_REGISTER, values)

    async def _copied(self, query: sql.Composed, facts: AsyncIterator[Sequence[StoredFact]]) -> int:
        held = 0
        async with self.parts.connection.cursor() as cursor, cursor.copy(query) as copy:
            copy.set_types(_TYPES)
            async for page in facts:
                for one in page:
                    await copy.write_row(
                        (
                            *(one.place, UUID(one.event_id), UUID(one.stream), one.version, one.type),
                            *(
                                one.user_id and UUID(one.user_id),
                                one.correlation_id and UUID(one.correlation_id),
                            ),
                            *(one.recorded_at, one.payload, one.fingerprint),
                        )
                    )
                held += len(page)
        return held
