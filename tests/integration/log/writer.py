"""Processes that write to the log, in transactions or through the appender."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.log.journal import Intent, Journal
from tests.integration.log.processes import told_to_stop
from tests.integration.log.work import Log, opened, sent

from adapters.postgres.log import append
from adapters.postgres.log.appender.appender import PostgresAppender
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.shared.appender import Appender
from domain.shared.errors import Unavailable
from domain.shared.ids import Id

IDS = SystemIds()
CALLERS = 8
PAUSE = 0.1
"""Seconds that a caller leaves at most between two appends, so that followers who are killed now and then keep up."""


async def write_many(url: str, seed: int, events: int) -> None:
    """Write so many events, in commits of many sizes, to new streams and to old ones."""
    chance, left = random.Random(seed), events
    versions: dict[Id, int] = {}
    _use_small_parts()
    async with opened(url) as log:
        while left:
            old = chance.sample([*versions], min(len(versions), chance.randint(0, 3)))
            async with log.begin(None) as work:
                for stream in (*old, IDS.new()):
                    count = min(left, chance.randint(1, 5))
                    before = versions.get(stream, 0)
                    work.facts.append(stream, before, [sent(IDS.new()) for _ in range(count)])
                    versions[stream] = before + count
                    left -= count


async def write_many_at_once(url: str, seed: int, events: int) -> None:
    """Write so many events through the appender, for several callers."""

    async def call(share: int, chance: random.Random) -> None:
        stream, version = IDS.new(), 0
        while share:
            count = min(share, chance.randint(1, 5))
            await appender.append(stream, version, [sent(IDS.new()) for _ in range(count)])
            version, share = version + count, share - count

    shares = [events // CALLERS] * (CALLERS - 1)
    async with appending(url) as appender:
        callers = enumerate((*shares, events - sum(shares)))
        await asyncio.gather(*(call(share, random.Random(seed * CALLERS + n)) for n, share in callers))


async def write_until(url: str, seed: int, journal: Path, stop: Path) -> None:
    """Write with keys, and try again what nobody answered, until there is a file `stop` and nothing is open."""
    chance, book = random.Random(seed), Journal(journal)
    _use_small_parts()
    async with opened(url) as log:
        reached = await _resumed(book, lambda intent: place_of(log, intent))
        while not told_to_stop(stop):
            intent = _next(chance, reached)
            book.meant(intent)
            book.done(intent, await place_of(log, intent))


async def write_at_once_until(url: str, seed: int, journal: Path, stop: Path) -> None:
    """Do the same through the appender, several at a time."""
    chance, book = random.Random(seed), Journal(journal)
    async with appending(url) as appender:
        await _resumed(book, lambda intent: place_by(appender, intent))

        async def call() -> None:
            reached: dict[Id, int] = {}
            while not told_to_stop(stop):
                intent = _next(chance, reached)
                book.meant(intent)
                book.done(intent, await place_by(appender, intent))
                await asyncio.sleep(chance.random() * PAUSE)

        await asyncio.gather(*(call() for _ in range(CALLERS)))


def _use_small_parts() -> None:
    """Append a few facts as many are: part by part. This is for a process of its own."""
    vars(append).update(FIRST_PART=2, PART=3)


async def place_of(log: Log, intent: Intent) -> int:
    """Append, however often it takes; the key sees to it that it is written once."""
    while True:
        try:
            async with log.begin(None) as work:
                return await work.append(intent.append())
        except Unavailable:
            await asyncio.sleep(0.02)


async def place_by(appender: Appender, intent: Intent) -> int:
    """Append through the appender, which tries again by itself for a while."""
    while True:
        try:
            return await appender.append(intent.stream, intent.expected, intent.facts(), key=intent.key)
        except Unavailable:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def appending(url: str) -> AsyncIterator[Appender]:
    appender = PostgresAppender(url, SystemClock(), IDS)
    try:
        yield appender
    finally:
        await appender.close()


async def _resumed(book: Journal, place: Callable[[Intent], Awaitable[int]]) -> dict[Id, int]:
    """Ask again for what a killed predecessor was not told, and return how far its streams have come."""
    intents, places = book.read()
    reached: dict[Id, int] = {}
    for intent in intents.values():
        if intent.key not in places:
            book.done(intent, await place(intent))
        reached[intent.stream] = max(reached.get(intent.stream, 0), intent.expected + intent.count)
    return reached


def _next(chance: random.Random, reached: dict[Id, int]) -> Intent:
    """Think of something to append, to a stream that nobody else writes."""
    stream = chance.choice([*list(reached)[-4:], IDS.new()])
    intent = Intent(IDS.new(), stream, reached.get(stream, 0), chance.choice((1, 1, 2, 3, 12)))
    reached[stream] = intent.expected + intent.count
    return intent
