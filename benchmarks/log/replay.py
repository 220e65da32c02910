import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from uuid import UUID

import uvloop
from eventsourcing.persistence import ApplicationRecorder, Mapper

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from application.shared.ports import Place
from benchmarks.log.history import history
from benchmarks.log.peer import mapper, recorder, stored
from benchmarks.log.sources import (
    check,
    database_of,
    drained,
    in_a_process_of_its_own,
    loaded_log,
    peak_memory_mb,
    per_second,
)
from benchmarks.work import Contest, Work

PEER_EVENTS = 50_000
"""The peer reads no more: page by page, its throughput does not depend on how many there are."""
_PAGE = 10_000


async def replayed(database: PostgresDatabase[PostgresWork], events: int) -> None:
    """Read every fact of the log, typed, in order."""
    count, place = 0, Place(0)
    async with database.begin(None) as work:
        async for run in work.facts.through(Place(0), Place(events)):
            check(run[0].place, place + 1)
            count, place = count + len(run), run[-1].place
    check((count, place), (events, events))


@asynccontextmanager
async def _open() -> AsyncIterator[Contest]:
    async with loaded_log() as (admin_url, events):
        database, by = database_of(admin_url), mapper()
        with recorder(admin_url) as peer:
            turns = history(min(events, PEER_EVENTS))
            told = 0
            while batch := stored(list(islice(turns, 1_000)), by):
                peer.insert_events(batch)
                told += len(batch)

            async def theirs() -> None:
                _select(peer, by, told)

            try:
                yield Contest(
                    ours=per_second(events, lambda: replayed(database, events)),
                    floor=drained(admin_url, events),
                    peer=per_second(told, theirs),
                    peak_memory=in_a_process_of_its_own("benchmarks.log.replay", admin_url, events),
                )
            finally:
                await database.close()


def _select(peer: ApplicationRecorder, by: Mapper[UUID], events: int) -> None:
    count, last = 0, 0
    while page := peer.select_notifications(start=last, limit=_PAGE, inclusive_of_start=False):
        for notification in page:
            by.to_domain_event(notification)
        count, last = count + len(page), page[-1].id
    check(count, events)


WORK = Work(name="replay", unit="events/s", open=_open, rounds=5, throughput=True)


async def _once(admin_url: str, events: int) -> None:
    database = database_of(admin_url)
    await replayed(database, events)
    await database.close()


if __name__ == "__main__":
    uvloop.run(_once(sys.argv[1], int(sys.argv[2])))
    print(peak_memory_mb())
