"""Processes that write to the log."""

import asyncio
import random
from pathlib import Path
from uuid import UUID

from tests.integration.log.journal import Intent, Journal
from tests.integration.log.processes import told_to_stop
from tests.integration.log.work import Log, opened, sent

from adapters.system.ids import SystemIds
from domain.shared.errors import Unavailable

IDS = SystemIds()


async def write_many(url: str, seed: int, events: int) -> None:
    """Write so many events, in commits of many sizes, to new streams and to old ones."""
    chance, left = random.Random(seed), events
    versions: dict[UUID, int] = {}
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


async def write_until(url: str, seed: int, journal: Path, stop: Path) -> None:
    """Write with keys, and try again what nobody answered, until there is a file `stop` and nothing is open."""
    chance, book = random.Random(seed), Journal(journal)
    intents, places = book.read()
    reached: dict[UUID, int] = {}
    for intent in intents.values():
        reached[intent.stream] = max(reached.get(intent.stream, 0), intent.expected + intent.count)
    async with opened(url) as log:
        for intent in intents.values():
            if intent.key not in places:
                book.done(intent, await place_of(log, intent))
        while not told_to_stop(stop):
            stream = chance.choice([*list(reached)[-4:], IDS.new()])
            intent = Intent(IDS.new(), stream, reached.get(stream, 0), chance.choice((1, 1, 2, 3, 12)))
            book.meant(intent)
            book.done(intent, await place_of(log, intent))
            reached[stream] = intent.expected + intent.count


async def place_of(log: Log, intent: Intent) -> int:
    """Append, however often it takes; the key sees to it that it is written once."""
    while True:
        try:
            async with log.begin(None) as work:
                return await work.append(intent.append())
        except Unavailable:
            await asyncio.sleep(0.02)
