import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg

from adapters.postgres.log.appender.appender import PostgresAppender
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


WORK: Final = Work(name="append_64_callers", unit="events/s", open=_many_callers, rounds=7, throughput=True)
