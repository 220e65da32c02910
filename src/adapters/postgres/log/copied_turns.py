from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from struct import iter_unpack, unpack
from typing import Any, Final, TypeAlias

import psycopg

from adapters.postgres.log.copied_rows import copied_rows
from application.shared.ports import Place
from domain.shared.ids import Id

RUN: Final = 2048
SEGMENT: Final = 128 * RUN
"""Places after which what the streams alone do not tell is looked up."""
RECENT: Final = 2**16
"""Streams whose last version is remembered at least."""
_MARKS: Final = 2**27 - 1

Turn: TypeAlias = tuple[int, Id, int, int]
"""Where a fact stands, its stream, its version, and the version that was due there."""

_COPY: Final = """
COPY (
    SELECT run.*
    FROM generate_series(%(after)s::bigint, %(until)s::bigint - 1, %(run)s::bigint) AS runs(place), LATERAL (
        SELECT string_agg(int8send(position), ''), string_agg(uuid_send(stream_id) || int8send(version), '')
        FROM (
            SELECT position, stream_id, version FROM events
            WHERE position > runs.place AND position <= least(runs.place + %(run)s, %(until)s) ORDER BY position
        ) AS facts
    ) AS run
) TO STDOUT (FORMAT binary)
"""
# Before the first fact that is out of turn, the highest version is that of the newest fact. The sums keep the planner
# from looking for a stream through the primary key: without statistics it did, and read the whole log each time.
_DUE: Final = """
SELECT position, stream_id, version, due FROM (
    SELECT position, stream_id, version, 1 + coalesce((
        SELECT earlier.version FROM events AS earlier
        WHERE earlier.stream_id = events.stream_id
            AND earlier.position + 0 > %(cut)s AND earlier.position + 0 < events.position
        ORDER BY earlier.version DESC LIMIT 1
    ), 0) AS due
    FROM events WHERE position = ANY (%(places)s)
) AS expected
WHERE version <> due ORDER BY position
"""


async def not_continued(
    driver: psycopg.AsyncConnection[Any], *, cut: Place, after: Place, until: Place
) -> list[Turn]:
    """Return the facts between two places that do not continue what the database holds of their streams, in order.

    Versions count from one, without gaps. Streams pass by once; where their recent facts do not tell, all are asked,
    but for what lies up to the cut.
    """
    seen, found = _Streams(begun_before=after > cut), list[Turn]()
    place = int(after)
    while place < until:
        end = min(int(until), place + SEGMENT)
        doubtful: list[int] = []
        values = {"after": place, "until": end, "run": RUN}
        async with aclosing(copied_rows(driver, _COPY, values)) as rows:
            async for positions, turns in rows:
                doubtful += seen.doubtful(unpack(f">{len(positions) // 8}q", positions), turns)
        if doubtful:
            async with driver.cursor(binary=True) as cursor:
                await cursor.execute(_DUE, {"places": doubtful, "cut": cut})
                found += await cursor.fetchall()
        place = end
    return found


@dataclass(slots=True)
class _Streams:
    """What is remembered of the streams that passed by: of some the version, of all a bit that others may share."""

    begun_before: bool
    recent: dict[bytes, int] = field(default_factory=dict)
    older: dict[bytes, int] = field(default_factory=dict)
    marks: bytearray = field(default_factory=lambda: bytearray((_MARKS + 1) // 8))

    def doubtful(self, places: Sequence[int], turns: bytes) -> list[int]:
        """Return the places of those facts that are not known to continue their streams."""
        found, recent, older, marks = [], self.recent, self.older, self.marks
        for place, (stream, version) in zip(places, iter_unpack(">16sq", turns), strict=True):
            before = None if version == 1 else recent.get(stream) or older.get(stream)
            if before is None:  # seen for the first time, or so it seems
                index = hash(stream) & _MARKS
                mark, bit = marks[index >> 3], 1 << (index & 7)
                marks[index >> 3] = mark | bit
                if mark & bit or version != 1 or self.begun_before:
                    found.append(place)
            elif version != before + 1:
                found.append(place)
            recent[stream] = version
        if len(recent) > RECENT:
            self.recent, self.older = {}, recent
        return found
