import asyncio
import random

from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import alert, sent

from application.shared.ports import Place, Recorded
from domain.shared.errors import StaleWrite
from domain.shared.ids import AlertId

WRITERS, COMMITS = 8, 40


async def test_a_reader_that_follows_eight_writers_misses_nothing(worker: LogDatabase) -> None:
    written: list[AlertId] = []

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(COMMITS):
            streams = [alert() for _ in range(chance.randint(1, 4))]
            async with worker.begin(None) as work:
                for stream in streams:
                    work.facts.append(stream, 0, [sent(stream)])
                await asyncio.sleep(chance.random() / 500)
            written.extend(streams)

    async def follow(done: asyncio.Event) -> list[Recorded]:
        seen: list[Recorded] = []
        while True:
            ended = done.is_set()
            async with worker.begin(None) as work:
                page = await work.facts.after(Place(seen[-1].place if seen else 0), limit=50)
            seen += page
            if ended and not page:
                return seen

    done = asyncio.Event()
    reader = asyncio.create_task(follow(done))
    await asyncio.gather(*(write(seed) for seed in range(WRITERS)))
    done.set()
    seen = await reader
    assert [recorded.place for recorded in seen] == list(range(1, len(written) + 1))
    assert {recorded.stream for recorded in seen} == set(written)


async def test_of_many_racers_to_one_version_one_wins_each_time(worker: LogDatabase) -> None:
    stream = alert()

    async def race(expected: int) -> bool:
        try:
            async with worker.begin(None) as work:
                work.facts.append(stream, expected, [sent(stream)])
        except StaleWrite:
            return False
        return True

    for expected in range(10):
        outcomes = await asyncio.gather(*(race(expected) for _ in range(8)))
        assert outcomes.count(True) == 1
    async with worker.begin(None) as work:
        assert [recorded.version for recorded in await work.facts.of(stream)] == list(range(1, 11))


async def test_writers_of_the_same_streams_in_any_order_never_wait_for_each_other_in_a_ring(
    worker: LogDatabase,
) -> None:
    streams = [alert() for _ in range(6)]
    versions = dict.fromkeys(streams, 0)

    causes: list[str] = []

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            chosen = chance.sample(streams, 4)
            expected = dict(versions)
            try:
                async with worker.begin(None) as work:
                    for stream in chosen:
                        work.facts.append(stream, expected[stream], [sent(stream)])
            except StaleWrite as refused:
                causes.append(repr(refused.__cause__))
            else:
                versions.update({stream: expected[stream] + 1 for stream in chosen})

    await asyncio.gather(*(write(seed) for seed in range(WRITERS)))
    assert causes  # a ring would have been broken by PostgreSQL as a deadlock, which is stale as well
    assert not [cause for cause in causes if "Deadlock" in cause]
    async with worker.begin(None) as work:
        for stream in streams:
            history = await work.facts.of(stream)
            assert [recorded.version for recorded in history] == list(range(1, versions[stream] + 1))
        assert await work.facts.last() == sum(versions.values())


async def test_a_transaction_that_waits_in_vain_leaves_no_hole(worker: LogDatabase) -> None:
    """The first has numbered its facts when it is undone; the second, which waited for it, gets those numbers."""
    first, second = alert(), alert()
    numbered, undo = asyncio.Event(), asyncio.Event()

    async def undone() -> None:
        async with worker.begin(None) as work:
            work.facts.append(first, 0, [sent(first)])
            await work.facts.flush()
            numbered.set()
            await undo.wait()
            raise ZeroDivisionError

    async def waits() -> None:
        await numbered.wait()
        async with worker.begin(None) as work:
            work.facts.append(second, 0, [sent(second)])

    both = asyncio.gather(undone(), waits(), return_exceptions=True)
    await numbered.wait()
    await asyncio.sleep(0.1)
    undo.set()
    outcomes = await both
    assert [type(outcome) for outcome in outcomes] == [ZeroDivisionError, type(None)]
    async with worker.begin(None) as work:
        assert [recorded.stream for recorded in await work.facts.after(Place(0), limit=9)] == [second]
        assert await work.facts.last() == 1
