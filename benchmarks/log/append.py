import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from adapters.codec.ids import packed
from adapters.codec.leaves import Entry
from adapters.postgres.log.append import append
from adapters.postgres.roles import worker_url
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from benchmarks.log.peer import mapper, recorder, stored
from benchmarks.log.rows import COLUMNS, TYPES, row_of
from benchmarks.log.sources import Told, check, endless, per_second, taken, told
from benchmarks.stage import database_stage
from benchmarks.work import Contest, Work

_COPY: Final = f"COPY raw_events {COLUMNS} FROM STDIN (FORMAT binary)"
_RAW: Final = """
CREATE TABLE raw_events (LIKE events);
ALTER TABLE raw_events ADD PRIMARY KEY (position);
CREATE UNIQUE INDEX ON raw_events (stream_id, version);
"""
_INDEXES: Final = """
SELECT replace(pg_get_indexdef(indexrelid), 'ON ONLY public.events ', 'ON raw_events ') FROM pg_index
WHERE indrelid = 'events'::regclass AND NOT indisunique
"""


@dataclass
class _Sides:
    """Each side takes the next facts of one history, encoded before the clock runs; what they hash is timed."""

    ours_at: psycopg.AsyncConnection[Any]
    floor_at: psycopg.AsyncConnection[Any]
    peer: Any
    commits: int
    size: int
    place: int = 0

    def __post_init__(self) -> None:
        self._ids, self._clock, self._by = SystemIds(), SystemClock(), mapper()
        self._histories = {side: endless() for side in ("ours", "floor", "peer")}

    async def ours(self) -> float:
        groups = self._commits("ours")

        async def write() -> None:
            for entries in groups:
                await append(self.ours_at, entries, key=self._ids.new())

        return await self._timed(write)

    async def floor(self) -> float:
        groups = [[self._row(entry) for entry in entries] for entries in self._commits("floor")]

        async def copy() -> None:
            for rows in groups:
                await self._copied(rows)

        return await self._timed(copy)

    async def theirs(self) -> float:
        turns = self._histories["peer"]
        groups = [stored(taken(turns, self.size), self._by) for _ in range(self.commits)]

        async def insert() -> None:
            for events in groups:
                self.peer.insert_events(events)

        return await self._timed(insert)

    async def _timed(self, work: Callable[[], Awaitable[object]]) -> float:
        return await per_second(self.commits * self.size, work)()

    async def _copied(self, rows: Sequence[tuple[Any, ...]]) -> None:
        async with self.floor_at.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(TYPES)
            for row in rows:
                await copy.write_row(row)

    def _row(self, entry: Entry) -> tuple[Any, ...]:
        self.place += 1
        return row_of(self.place, entry)

    def _commits(self, side: str) -> list[list[Entry]]:
        return [self._commit(told(taken(self._histories[side], self.size))) for _ in range(self.commits)]

    def _commit(self, facts: Sequence[Told]) -> list[Entry]:
        """Make the entries of a unit of work: of one cause, and most with the fingerprint of a state."""
        at, cause = self._clock.now(), self._ids.new()
        return [
            Entry(
                event_id=self._ids.new(),
                stream_id=one.turn.stream,
                version=one.turn.version,
                type=one.name,
                user_id=one.turn.user_id,
                correlation_id=cause,
                recorded_at=at,
                payload=one.payload,
                fingerprint=None if one.turn.user_id is None else packed(one.turn.user_id) * 2,
            )
            for one in facts
        ]


async def _make_raw_events(connection: psycopg.AsyncConnection[Any]) -> None:
    """Make the table that the floor copies into, with the same columns and indexes as the log's."""
    await connection.execute(_RAW)
    for [index] in await (await connection.execute(_INDEXES)).fetchall():
        await connection.execute(re.sub(r"INDEX \w+ ON", "INDEX ON", index))


def _one_caller(name: str, *, commits: int, size: int) -> Work:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Contest]:
        async with database_stage() as admin_url:
            connect = psycopg.AsyncConnection.connect
            with recorder(admin_url) as peer:
                async with (
                    await connect(conninfo(worker_url(admin_url)), autocommit=True) as ours_at,
                    await connect(conninfo(admin_url), autocommit=True) as floor_at,
                ):
                    await _make_raw_events(floor_at)
                    sides = _Sides(ours_at, floor_at, peer, commits, size)
                    yield Contest(ours=sides.ours, floor=sides.floor, peer=sides.theirs)
                    rows = await (
                        await floor_at.execute(
                            "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM raw_events)"
                        )
                    ).fetchone()
                    check(rows, (rows and rows[1], peer.max_notification_id()))

    return Work(name=name, unit="events/s", open=opened, rounds=7, throughput=True)


APPEND_1: Final = _one_caller("append_1", commits=1_000, size=1)
APPEND_1000: Final = _one_caller("append_1000", commits=10, size=1_000)
