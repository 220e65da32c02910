import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.contract.event_log.examples import AT, USER
from tests.contract.event_log.test_facts import IDS, acknowledged, alert, failed, sent
from tests.fixtures.database import Database

from adapters.codec.errors import UnstorableFact
from adapters.memory.appender import MemoryAppender
from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log.appender.appender import PostgresAppender
from adapters.postgres.work import PostgresWork
from adapters.system.ids import SystemIds
from application.shared.appender import Appender, AppenderClosed
from application.shared.ports import Begin, Place, ReactionWork
from application.shared.requests import KeyReused
from domain.identity.events import EmailVerified
from domain.shared.errors import Invalid, StaleWrite

KEY = IDS.new()


@dataclass(frozen=True, slots=True)
class Log:
    """An appender, and a way to read what it wrote."""

    appender: Appender
    begin: Begin[ReactionWork]

    async def facts(self) -> list[object]:
        async with self.begin(None) as work:
            return [recorded.fact for recorded in await work.facts.after(Place(0), limit=1000)]


@pytest.fixture(params=["memory", "postgres"])
async def log(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[Log]:
    if request.param == "memory":
        memory = MemoryDatabase(clock)
        yield Log(MemoryAppender(memory), memory.begin)
        return
    database: Database = request.getfixturevalue("database")
    opened = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=clock, ids=SystemIds(), pool_size=2
    )
    appender = PostgresAppender(database.worker_url, clock, SystemIds())
    yield Log(appender, opened.begin)
    await appender.close()
    await opened.close()


async def test_an_append_returns_the_first_facts_place(log: Log) -> None:
    one, other = alert(), alert()
    assert await log.appender.append(one, 0, [sent(one), acknowledged(one)]) == 1
    assert await log.appender.append(other, 0, [sent(other)]) == 3
    assert await log.appender.append(one, 2, [failed(one)]) == 4
    assert await log.facts() == [sent(one), acknowledged(one), sent(other), failed(one)]


async def test_many_callers_are_all_written_each_at_its_own_place(log: Log) -> None:
    streams = [alert() for _ in range(200)]
    places = await asyncio.gather(*(log.appender.append(one, 0, [sent(one)]) for one in streams))
    assert sorted(places) == list(range(1, 201))
    facts = await log.facts()
    assert [facts[place - 1] for place in places] == [sent(one) for one in streams]


async def test_a_refusal_among_many_hurts_none_of_the_others(log: Log) -> None:
    streams = [alert() for _ in range(20)]
    await log.appender.append(streams[7], 0, [sent(streams[7])])
    outcomes = await asyncio.gather(
        *(log.appender.append(one, 0, [sent(one)]) for one in streams), return_exceptions=True
    )
    assert isinstance(outcomes[7], StaleWrite)
    assert sorted(one for one in outcomes if isinstance(one, int)) == list(range(2, 21))


async def test_of_many_racers_for_one_version_one_wins(log: Log) -> None:
    stream = alert()
    outcomes = await asyncio.gather(
        *(log.appender.append(stream, 0, [sent(stream)]) for _ in range(10)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["StaleWrite"] * 9 + ["int"]


async def test_appends_of_one_stream_may_be_under_way_at_once(log: Log) -> None:
    stream = alert()
    places = await asyncio.gather(*(log.appender.append(stream, n, [sent(stream)]) for n in range(30)))
    assert places == list(range(1, 31))


async def test_an_append_that_is_stale_does_not_take_its_follower_along(log: Log) -> None:
    stream = alert()
    await log.appender.append(stream, 0, [sent(stream)])
    outcomes = await asyncio.gather(
        log.appender.append(stream, 0, [sent(stream)]),
        log.appender.append(stream, 1, [failed(stream)]),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], StaleWrite)
    assert outcomes[1] == 2


async def test_a_retry_with_the_same_key_returns_the_same_place_whatever_came_since(log: Log) -> None:
    stream, other = alert(), alert()
    first = await log.appender.append(stream, 0, [sent(stream), failed(stream)], key=KEY)
    await log.appender.append(other, 0, [sent(other)])
    await log.appender.append(stream, 2, [acknowledged(stream)])
    assert await log.appender.append(stream, 0, [sent(stream), failed(stream)], key=KEY) == first == 1
    assert len(await log.facts()) == 4


async def test_the_same_key_at_the_same_time_is_written_once(log: Log) -> None:
    stream = alert()
    places = await asyncio.gather(
        *(log.appender.append(stream, 0, [sent(stream)], key=KEY) for _ in range(8))
    )
    assert places == [1] * 8
    assert len(await log.facts()) == 1


async def test_a_key_that_comes_with_something_else_is_refused(log: Log) -> None:
    stream, other = alert(), alert()
    await log.appender.append(stream, 0, [sent(stream)], key=KEY)
    for wrong, expected, fact in (
        (other, 0, sent(other)),
        (stream, 1, sent(stream)),
        (stream, 0, failed(stream)),
    ):
        with pytest.raises(KeyReused):
            await log.appender.append(wrong, expected, [fact], key=KEY)
    assert await log.facts() == [sent(stream)]


async def test_no_facts_are_no_append(log: Log) -> None:
    with pytest.raises(Invalid, match="one fact at least"):
        await log.appender.append(alert(), 0, [])


async def test_what_is_personal_goes_in_by_transactions_alone(log: Log) -> None:
    with pytest.raises(UnstorableFact, match="sealed only where a transaction"):
        await log.appender.append(USER, 0, [EmailVerified(user_id=USER, email="a@example.org", at=AT)])


async def test_a_closed_appender_takes_nothing_more(log: Log) -> None:
    stream = alert()
    await log.appender.append(stream, 0, [sent(stream)])
    await log.appender.close()
    with pytest.raises(AppenderClosed):
        await log.appender.append(stream, 1, [failed(stream)])


async def test_closing_writes_what_waits(log: Log) -> None:
    streams = [alert() for _ in range(50)]
    waiting = [asyncio.ensure_future(log.appender.append(one, 0, [sent(one)])) for one in streams]
    await asyncio.sleep(0)
    await log.appender.close()
    assert sorted(await asyncio.gather(*waiting)) == list(range(1, 51))


async def test_a_caller_that_gives_up_hurts_nobody(log: Log) -> None:
    streams = [alert() for _ in range(20)]
    waiting = [asyncio.ensure_future(log.appender.append(one, 0, [sent(one)])) for one in streams]
    waiting[3].cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [n for n, one in enumerate(outcomes) if isinstance(one, BaseException)] == [3]
