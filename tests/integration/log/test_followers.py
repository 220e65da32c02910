import asyncio
import os
from collections import Counter
from contextlib import aclosing
from datetime import timedelta

import pytest
from tests.fixtures.database import Database
from tests.integration.log.processes import ended, running, started
from tests.integration.log.work import Log, opened, verified
from tests.integration.log.writer import write_many, write_many_at_once

from adapters.postgres.log.listening import news
from application.shared.ports import Place
from domain.shared.ids import Id

WRITERS = 8
EVENTS = int(os.environ.get("PLIMSOLL_TEST_LOG_EVENTS", "5000"))
PAGE = 500


@pytest.mark.timeout(600)
async def test_a_reader_that_follows_eight_processes_misses_nothing_and_sees_everything_once(
    database: Database,
) -> None:
    share = EVENTS // WRITERS
    writers = [
        started((write_many, write_many_at_once)[number % 2], database.worker_url, number, share)
        for number in range(WRITERS)
    ]
    with running(*writers):
        async with opened(database.worker_url) as log:
            done = asyncio.Event()
            reading = asyncio.create_task(followed(log, database.worker_url, done))
            for writer in writers:
                await asyncio.to_thread(ended, writer, patience=500)
            done.set()
            versions, hints = await reading
            assert sum(versions.values()) == share * WRITERS
            report = await verified(log)
    assert report.untouched
    assert report.until == report.facts == share * WRITERS
    assert hints > 1


async def followed(log: Log, url: str, done: asyncio.Event) -> tuple[Counter[Id], int]:
    """Follow the log to its end, page by page; what is not the next place or the next version ends it at once."""
    place, hints = Place(0), 0
    versions: Counter[Id] = Counter()
    async with aclosing(news(url, poll=timedelta(milliseconds=100))) as wakes:
        async for _ in wakes:
            hints, ending = hints + 1, done.is_set()
            while True:
                async with log.begin(None) as work:
                    page = await work.facts.after(place, limit=PAGE)
                for recorded in page:
                    assert recorded.place == place + 1
                    versions[recorded.stream] += 1
                    assert recorded.version == versions[recorded.stream]
                    place = recorded.place
                if len(page) < PAGE:
                    break
            if ending:
                return versions, hints
    raise AssertionError("There is always news, if only that there is none.")
