import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from adapters.codec.leaves import Entry
from adapters.postgres.append import Append, append_group, content_of
from adapters.postgres.appender.appender import PostgresAppender
from adapters.postgres.roles import worker_url
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from benchmarks.log.peer import mapper, recorder, stored
from benchmarks.log.sources import check, endless, per_second, taken, told
from benchmarks.stage import database_stage
from benchmarks.work import Contest, Run, Work

CALLERS: Final = 64
EACH: Final = 10
"""Events that each of many callers appends, one after the other."""

_COPY: Final = """
COPY raw_events (position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload)
FROM STDIN (FORMAT binary)
"""
_TYPES: Final = ("int8", "uuid", "int8", "uuid", "text", "uuid", "uuid", "timestamptz", "bytea")
_RAW: Final = """
CREATE TABLE raw_events (LIKE events);
ALTER TABLE raw_events ADD PRIMARY KEY (position);
CREATE UNIQUE INDEX ON raw_events (stream_id, version);
CREATE INDEX ON raw_events (user_id, position);
CREATE INDEX ON raw_events (type, position);
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
        groups = self._entries("ours")

        async def append() -> None:
            for entries in groups:
                await append_group(self.ours_at, [Append(entries, self._ids.new(), content_of(entries))])

        return await per_second(self.commits * self.size, append)()

    async def floor(self) -> float:
        groups = self._entries("floor")

        async def copy() -> None:
            for entries in groups:
                await self._copied(entries)

        return await per_second(self.commits * self.size, copy)()

    async def theirs(self) -> float:
        turns = self._histories["peer"]
        groups = [stored(taken(turns, self.size), self._by) for _ in range(self.commits)]

        async def insert() -> None:
            for events in groups:
                self.peer.insert_events(events)

        return await per_second(self.commits * self.size, insert)()

    async def _copied(self, entries: Sequence[Entry]) -> None:
        async with self.floor_at.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for entry in entries:
                self.place += 1
                await copy.write_row(
                    (
                        self.place,
                        entry.stream_id,
                        entry.version,
                        entry.event_id,
                        entry.type,
                        entry.user_id,
                        entry.correlation_id,
                        entry.recorded_at,
                        entry.payload,
                    )
                )

    def _entries(self, side: str) -> list[list[Entry]]:
        at = self._clock.now()
        return [
            [
                Entry(
                    event_id=self._ids.new(),
                    stream_id=one.turn.stream,
                    version=one.turn.version,
                    type=one.name,
                    user_id=one.turn.user_id,
                    correlation_id=None,
                    recorded_at=at,
                    payload=one.payload,
                )
                for one in told(taken(self._histories[side], self.size))
            ]
            for _ in range(self.commits)
        ]


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
                    await floor_at.execute(_RAW)
                    sides = _Sides(ours_at, floor_at, peer, commits, size)
                    yield Contest(ours=sides.ours, floor=sides.floor, peer=sides.theirs)
                    rows = await (
                        await floor_at.execute(
                            "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM raw_events)"
                        )
                    ).fetchone()
                    check(rows, (rows and rows[1], peer.max_notification_id()))

    return Work(name=name, unit="events/s", open=opened, rounds=7, throughput=True)


@asynccontextmanager
async def _many_callers() -> AsyncIterator[Contest]:
    async with database_stage() as admin_url:
        appender = PostgresAppender(worker_url(admin_url), SystemClock(), SystemIds())
        with recorder(admin_url, pool_size=CALLERS // 2) as peer, ThreadPoolExecutor(CALLERS) as threads:
            try:
                yield Contest(ours=_ours(appender), peer=_theirs(peer, threads))
            finally:
                await appender.close()
            with psycopg.connect(conninfo(admin_url)) as connection:
                rows = connection.execute("SELECT count(*) FROM events").fetchone()
            check(rows, (peer.max_notification_id(),))


def _ours(appender: PostgresAppender) -> Run:
    turns, ids = endless(), SystemIds()

    async def run() -> float:
        streams = [(ids.new(), told(taken(turns, EACH))) for _ in range(CALLERS)]
        keys = iter([ids.new() for _ in range(CALLERS * EACH)])

        async def call(caller: int) -> None:
            stream, facts = streams[caller]
            for version, one in enumerate(facts):
                encoded = [(one.name, one.payload, one.turn.user_id)]
                await appender.append_encoded(stream, version, encoded, key=next(keys))

        async def all_callers() -> None:
            await asyncio.gather(*(call(caller) for caller in range(CALLERS)))

        return await per_second(CALLERS * EACH, all_callers)()

    return run


def _theirs(peer: Any, threads: ThreadPoolExecutor) -> Run:
    turns, by = endless(), mapper()

    async def run() -> float:
        batches = [stored(taken(turns, EACH), by) for _ in range(CALLERS)]

        def call(caller: int) -> None:
            for event in batches[caller]:
                peer.insert_events([event])

        async def all_callers() -> None:
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(loop.run_in_executor(threads, call, caller) for caller in range(CALLERS)))

        return await per_second(CALLERS * EACH, all_callers)()

    return run


APPEND_1: Final = _one_caller("append_1", commits=200, size=1)
APPEND_1000: Final = _one_caller("append_1000", commits=5, size=1_000)
APPEND_64_CALLERS: Final = Work(
    name="append_64_callers", unit="events/s", open=_many_callers, rounds=7, throughput=True
)
