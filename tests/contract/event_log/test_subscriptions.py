"""Following the log from a checkpoint: every fact has its effect once, in order; versions leave each other alone."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.contract.event_log.test_facts import IDS, acknowledged, alert, failed, sent

from application.shared.ports import Begin, Place, ReactionWork, Recorded
from application.shared.reaction import follow
from domain.alerts.events import AlertAcknowledged, AlertFailed, AlertSent
from domain.shared.ids import Id

Effect = Callable[[ReactionWork, Recorded], Awaitable[None]]


async def test_every_fact_of_its_types_has_its_effect_once_and_in_order(begin: Begin[ReactionWork]) -> None:
    streams = [alert() for _ in range(25)]
    for stream in streams:
        async with begin(None) as work:
            work.facts.append(stream, 0, [failed(stream), sent(stream)])
    counts = [await follow(begin, "echo", (AlertSent,), echo, limit=10) for _ in range(4)]
    assert counts == [10, 10, 5, 0]
    assert await echoes(begin) == streams


async def test_an_effect_that_fails_is_undone_with_its_checkpoint_and_comes_again(
    begin: Begin[ReactionWork],
) -> None:
    streams = [alert() for _ in range(5)]
    async with begin(None) as work:
        for stream in streams:
            work.facts.append(stream, 0, [sent(stream)])

    async def fail_at_the_last(work: ReactionWork, recorded: Recorded) -> None:
        await echo(work, recorded)
        if recorded.stream == streams[-1]:
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await follow(begin, "echo", (AlertSent,), fail_at_the_last)
        assert await echoes(begin) == []
    assert await follow(begin, "echo", (AlertSent,), echo) == 5
    assert await echoes(begin) == streams


async def test_a_second_version_begins_at_the_beginning_and_leaves_the_first_alone(
    begin: Begin[ReactionWork],
) -> None:
    first, second = alert(), alert()
    async with begin(None) as work:
        work.facts.append(first, 0, [sent(first)])
    seen: list[str] = []

    def noting(version: str) -> Effect:
        async def note(_: ReactionWork, recorded: Recorded) -> None:
            seen.append(f"{version} {recorded.place}")

        return note

    assert await follow(begin, "note", (AlertSent,), noting("one")) == 1
    assert await follow(begin, "note.v2", (AlertSent,), noting("two")) == 1
    async with begin(None) as work:
        work.facts.append(second, 0, [sent(second)])
    for name, version in (("note", "one"), ("note.v2", "two"), ("note", "one")):
        await follow(begin, name, (AlertSent,), noting(version))
    assert seen == ["one 1", "two 1", "one 2", "two 2"]


async def test_a_new_version_can_begin_at_a_chosen_place(begin: Begin[ReactionWork]) -> None:
    streams = [alert() for _ in range(4)]
    async with begin(None) as work:
        for stream in streams:
            work.facts.append(stream, 0, [sent(stream)])
    async with begin(None) as work:
        assert await work.checkpoints.hold("echo") == 0
        await work.checkpoints.move("echo", Place(2))
    assert await follow(begin, "echo", (AlertSent,), echo) == 2
    assert await echoes(begin) == streams[2:]


async def test_of_two_workers_at_once_one_is_at_it(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(work: ReactionWork, recorded: Recorded) -> None:
        begun.set()
        await go_on.wait()
        await echo(work, recorded)

    slow = asyncio.create_task(follow(begin, "echo", (AlertSent,), slowly))
    await begun.wait()
    assert await follow(begin, "echo", (AlertSent,), echo) == 0
    go_on.set()
    assert await slow == 1
    assert await follow(begin, "echo", (AlertSent,), echo) == 0
    assert await echoes(begin) == [stream]


async def test_an_effect_may_feed_the_next_reaction(begin: Begin[ReactionWork]) -> None:
    stream = alert()
    async with begin(None) as work:
        work.facts.append(stream, 0, [sent(stream), failed(stream)])

    async def end(work: ReactionWork, recorded: Recorded) -> None:
        assert isinstance(recorded.fact, AlertAcknowledged)
        work.facts.append(recorded.stream, 1, [failed(recorded.fact.alert_id)])

    assert await follow(begin, "echo", (AlertSent, AlertFailed), echo) == 2
    assert await follow(begin, "end", (AlertAcknowledged,), end) == 2
    async with begin(None) as work:
        assert await work.facts.last() == 6


async def echo(work: ReactionWork, recorded: Recorded) -> None:
    """Answer a fact with another, in a stream of its own."""
    assert isinstance(recorded.fact, AlertSent | AlertFailed)
    work.facts.append(IDS.new(), 0, [acknowledged(recorded.fact.alert_id)])


async def echoes(begin: Begin[ReactionWork]) -> list[Id]:
    async with begin(None) as work:
        found = await work.facts.after(Place(0), limit=100, types=(AlertAcknowledged,))
    return [one.fact.alert_id for one in found if isinstance(one.fact, AlertAcknowledged)]
