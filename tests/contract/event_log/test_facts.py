import asyncio
from datetime import timedelta

import pytest
from tests.contract.event_log.examples import AT

from adapters.codec.events import encode
from adapters.memory.clock import ManualClock
from adapters.system.ids import SystemIds
from application.shared.ports import Begin, Place, ReactionWork
from domain.alerts.events import AlertAcknowledged, AlertFailed, AlertSent
from domain.identity.preferences import Channel
from domain.shared.errors import StaleWrite
from domain.shared.ids import AlertId, Id, UserId

IDS = SystemIds()
ME, SOMEBODY = UserId(IDS.new()), UserId(IDS.new())


async def test_facts_come_back_in_the_order_of_their_appending(begin: Begin[ReactionWork]) -> None:
    first, second = alert(), alert()
    async with begin(None) as work:
        work.facts.append(second, 0, [sent(second), acknowledged(second)])
        work.facts.append(first, 0, [sent(first)])
        work.facts.append(second, 2, [failed(second)])
    async with begin(None) as work:
        found = await work.facts.after(Place(0), limit=10)
    assert [recorded.fact for recorded in found] == [
        sent(second),
        acknowledged(second),
        sent(first),
        failed(second),
    ]
    assert [(recorded.place, recorded.stream, recorded.version) for recorded in found] == [
        (1, second, 1),
        (2, second, 2),
        (3, first, 1),
        (4, second, 3),
    ]


async def test_a_fact_is_recorded_with_its_bytes_name_owner_and_time(
    begin: Begin[ReactionWork], clock: ManualClock
) -> None:
    stream = alert()
    async with begin(ME) as work:
        work.facts.append(stream, 0, [sent(stream)])
        assert work.facts.written(sent(stream)) == encode(sent(stream))[1]
    async with begin(ME) as work:
        [recorded] = await work.facts.of(stream)
    assert (recorded.type, recorded.stored) == encode(sent(stream))
    assert recorded.user_id == ME
    assert recorded.recorded_at == clock.now()


async def test_nothing_is_in_the_log_before_the_commit(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
        assert not await work.facts.of(stream)
        assert await work.facts.last() == 0


async def test_an_exception_leaves_nothing(begin: Begin[ReactionWork]) -> None:
    stream = alert()

    async def fail() -> None:
        async with begin(None) as work:
            work.facts.append(stream, 0, [sent(stream)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with begin(None) as work:
        assert await work.facts.last() == 0
        work.facts.append(stream, 0, [sent(stream)])
    async with begin(None) as work:
        assert [recorded.place for recorded in await work.facts.of(stream)] == [1]


@pytest.mark.parametrize("expected", [0, 2, 7])
async def test_a_stream_that_has_moved_on_is_not_written(begin: Begin[ReactionWork], expected: int) -> None:
    stream, other = alert(), alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
    with pytest.raises(StaleWrite):
        await write(begin, (other, 0, sent(other)), (stream, expected, failed(stream)))
    async with begin(None) as work:
        assert await work.facts.last() == 1
        assert not await work.facts.of(other)


async def test_a_stream_that_there_is_not_cannot_have_facts_already(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    with pytest.raises(StaleWrite):
        await write(begin, (stream, 3, sent(stream)))


async def test_facts_that_do_not_follow_each_other_are_not_written(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    with pytest.raises(StaleWrite):
        await write(begin, (stream, 1, failed(stream)), (stream, 0, sent(stream)))


async def test_of_two_simultaneous_writers_one_is_refused(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    both = (write(begin, (stream, 0, sent(stream))) for _ in range(2))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [StaleWrite]
    async with begin(None) as work:
        assert len(await work.facts.of(stream)) == 1


async def test_an_actor_sees_their_own_facts_alone(begin: Begin[ReactionWork]) -> None:
    mine, theirs = alert(), alert()
    async with begin(None) as work:
        work.facts.append(theirs, 0, [sent(theirs, to=SOMEBODY)])
        work.facts.append(mine, 0, [sent(mine)])
    async with begin(ME) as work:
        assert [recorded.stream for recorded in await work.facts.after(Place(0), limit=10)] == [mine]
        assert not await work.facts.of(theirs)
        assert await work.facts.last() == 2


async def test_the_log_is_read_page_by_page(begin: Begin[ReactionWork]) -> None:
    streams = [alert() for _ in range(7)]
    async with begin(None) as work:
        for stream in streams:
            work.facts.append(stream, 0, [sent(stream)])
    seen: list[Id] = []
    place = Place(0)
    async with begin(None) as work:
        while page := await work.facts.after(place, limit=3):
            assert len(page) <= 3
            seen += [recorded.stream for recorded in page]
            place = page[-1].place
    assert seen == streams


async def test_kinds_can_be_picked(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream), acknowledged(stream), failed(stream)])
    async with begin(None) as work:
        found = await work.facts.after(Place(0), limit=10, types=[AlertFailed, AlertSent])
        assert [recorded.fact for recorded in found] == [sent(stream), failed(stream)]
        found = await work.facts.after(Place(1), limit=1, types=[AlertFailed, AlertSent])
        assert [recorded.fact for recorded in found] == [failed(stream)]


async def test_the_log_can_be_read_as_it_stood_at_a_place(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream), acknowledged(stream), failed(stream)])
    async with begin(None) as work:
        assert len(await work.facts.of(stream, until=Place(2))) == 2
        assert [found.place for found in await work.facts.after(Place(1), limit=9, until=Place(2))] == [2]
        assert not await work.facts.of(stream, until=Place(0))


async def test_a_time_leads_to_the_last_place_by_then(begin: Begin[ReactionWork], clock: ManualClock) -> None:
    noon = clock.now()
    for _ in range(3):
        stream = alert()
        async with begin(None) as work:
            work.facts.append(stream, 0, [sent(stream), failed(stream)])
        clock.advance(timedelta(hours=1))
    async with begin(None) as work:
        assert await work.facts.last() == 6
        assert await work.facts.last(by=noon) == 2
        assert await work.facts.last(by=noon + timedelta(minutes=90)) == 4
        assert await work.facts.last(by=noon - timedelta(seconds=1)) == 0


async def test_appending_no_facts_writes_nothing(begin: Begin[ReactionWork]) -> None:
    async with begin(None) as work:
        work.facts.append(alert(), 5, [])
    async with begin(None) as work:
        assert await work.facts.last() == 0


async def write(begin: Begin[ReactionWork], *appends: tuple[Id, int, object]) -> None:
    async with begin(None) as work:
        for stream, expected, fact in appends:
            work.facts.append(stream, expected, [fact])


def alert() -> AlertId:
    return AlertId(IDS.new())


def sent(stream: AlertId, to: UserId = ME) -> AlertSent:
    return AlertSent(alert_id=stream, user_id=to, channel=Channel.IN_APP, at=AT)


def acknowledged(stream: AlertId) -> AlertAcknowledged:
    return AlertAcknowledged(alert_id=stream, user_id=ME, at=AT)


def failed(stream: AlertId) -> AlertFailed:
    return AlertFailed(alert_id=stream, user_id=ME, at=AT)
