from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import names_of
from adapters.codec.located import decode_at
from adapters.codec.personal import PERSONAL, Subject, open_personal
from adapters.postgres.driver import driver_of
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id

_COLUMNS: Final = (
    "SELECT position, stream_id, version, type, user_id, recorded_at, payload, fingerprint FROM events"
)
_LAST: Final = "SELECT first_position + event_count - 1 FROM commits ORDER BY number DESC LIMIT 1"
_LAST_BY: Final = """
SELECT first_position + event_count - 1 FROM commits WHERE recorded_at <= %(by)s
ORDER BY recorded_at DESC, number DESC LIMIT 1
"""


async def read_after(
    subjects: PostgresSubjectKeys, place: Place, *, limit: int, types: Sequence[type], until: Place | None
) -> Sequence[Recorded]:
    """Return the next facts after a place in the order of the log, of these types only where any are named."""
    names = [name for kind in types for name in names_of(kind)]
    conditions = "WHERE position > %(place)s"
    conditions += " AND type = ANY (%(names)s)" if names else ""
    conditions += " AND position <= %(until)s" if until is not None else ""
    return await read_where(
        subjects,
        f"{conditions} ORDER BY position LIMIT %(limit)s",
        {"place": place, "names": names, "until": until, "limit": limit},
        prepare=False if names else None,
    )


async def read_stream(
    subjects: PostgresSubjectKeys, stream: Id, *, after: Place | None, until: Place | None
) -> Sequence[Recorded]:
    """Return a stream's history in order, after one place and up to another."""
    conditions = "WHERE stream_id = %(stream)s"
    conditions += " AND position > %(after)s" if after is not None else ""
    conditions += " AND position <= %(until)s" if until is not None else ""
    values: dict[str, object] = {"stream": stream, "after": after, "until": until}
    return await read_where(subjects, f"{conditions} ORDER BY version", values)


async def last_place(connection: AsyncConnection, *, by: datetime | None) -> Place:
    """Return the place of the newest fact, or of the newest that a commit recorded by that time; 0 without one.

    The commit's time never runs backwards, even where a machine's clock did.
    """
    driver = await driver_of(connection)
    cursor = await driver.execute(_LAST) if by is None else await driver.execute(_LAST_BY, {"by": by})
    row = await cursor.fetchone()
    return Place(row[0] if row else 0)


async def read_where(
    subjects: PostgresSubjectKeys,
    conditions: str,
    arguments: dict[str, object],
    *,
    prepare: bool | None = None,
) -> Sequence[Recorded]:
    """Return the facts that the rest of a query picks, in its order; `conditions` holds nothing that a user wrote.

    A query that names types must not be prepared: which index helps depends on how rare they are.
    """
    driver = await driver_of(subjects.connection)
    async with driver.cursor(binary=True) as cursor:
        await cursor.execute(f"{_COLUMNS} {conditions}", arguments, prepare=prepare)
        rows = await cursor.fetchall()
    return await recorded(subjects, rows)


async def recorded(subjects: PostgresSubjectKeys, rows: Sequence[tuple[Any, ...]]) -> Sequence[Recorded]:
    """Return the facts that rows of these columns hold, with what can still be read of their personal fields."""
    personal = {row[4] for row in rows if row[3] in PERSONAL and row[4] is not None}
    keys = await subjects.load(personal) if personal else {}
    return [_recorded(row, keys) for row in rows]


def _recorded(row: tuple[Any, ...], keys: Mapping[Id, Subject]) -> Recorded:
    position, stream, version, name, user_id, at, stored, reached = row
    told = stored
    if name in PERSONAL and user_id is not None:
        told = open_personal(name, stored, user_id=user_id, place=position, subject=keys[user_id])
    return Recorded(
        place=Place(position),
        stream=stream,
        version=version,
        type=name,
        user_id=user_id,
        fact=decode_at(name, told, position),
        stored=stored,
        recorded_at=at,
        fingerprint=reached,
    )
