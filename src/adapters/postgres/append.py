from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from adapters.codec.leaves import Entry
from application.shared.ports import Place
from domain.shared import merkle

# Users go as text: psycopg writes a list of nothing but None as text, whatever it was asked for.
_APPEND: Final = """
SELECT append_facts(
    %b, %b, %b::bigint[], %b::text[], %t::uuid[], %b::bytea[], %b::uuid, %b, %b, %b::uuid, %b::bytea
)
"""


async def append(
    driver: AsyncConnection[Any],
    entries: Sequence[Entry],
    *,
    key: UUID | None = None,
    fingerprint: bytes | None = None,
) -> Place:
    """Write a commit's facts in one round trip, as the last statement of the transaction; return the first one's place.

    The entries, one at least, are of one time and cause. With a key (and the fingerprint of what was asked) they are
    written once however often they are sent. A stream that has moved on, or a key that belongs to another fingerprint,
    fails with the SQLSTATE that `our_errors` turns into StaleWrite or KeyReused.
    """
    cursor = await driver.execute(
        _APPEND,
        [
            [entry.event_id for entry in entries],
            [entry.stream_id for entry in entries],
            [entry.version for entry in entries],
            [entry.type for entry in entries],
            [entry.user_id for entry in entries],
            [entry.payload for entry in entries],
            entries[0].correlation_id,
            entries[0].recorded_at,
            merkle.root([entry.leaf() for entry in entries]),
            key,
            fingerprint,
        ],
    )
    [[first]] = await cursor.fetchall()
    return Place(first)
