from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, detected

from application.audit.replaying.fold import folded
from application.shared.ports import Begin
from domain.shared.errors import StaleWrite
from domain.shared.ids import UserId
from domain.signals.errors import SignalNotFound
from domain.signals.events import SignalCleared
from domain.signals.signal import Signal, SignalStatus

People = tuple[UserId, UserId]


async def put(begin: Begin[Work], name: str, *numbers: int, expires: bool = False) -> list[Signal]:
    signals = []
    async with begin(None) as work:
        for number in numbers:
            at = AT + timedelta(seconds=number)
            expiry = at + timedelta(hours=1) if expires else None
            change = Signal.detected(detected(name, number=number, at=at, expires_at=expiry))
            await work.signals.record(change)
            signals.append(change.state)
    return signals


async def test_a_signal_comes_back_as_recorded(begin: Begin[Work], people: People) -> None:
    [signal] = await put(begin, "ada", 1, expires=True)
    async with begin(people[0]) as work:
        assert await work.signals.get(signal.id) == signal
        await work.signals.record(seen := signal.acknowledge(at=LATER))
    async with begin(None) as work:
        assert await work.signals.get(signal.id) == seen.state
        cleared = SignalCleared(
            signal_id=signal.id, user_id=people[0], data={"health_factor": "none"}, source="x@1", at=LATER
        )
        await work.signals.record(ended := seen.state.clear(cleared))
    async with begin(people[0]) as work:
        assert await work.signals.get(signal.id) == ended.state
        assert folded(await work.facts.of(signal.id)) == ended.state


async def test_another_users_signal_does_not_exist(begin: Begin[Work], people: People) -> None:
    [signal] = await put(begin, "ada", 1)
    async with begin(people[1]) as work:
        with pytest.raises(SignalNotFound):
            await work.signals.get(signal.id)
        assert await work.signals.list(people[0], status=None, before=None, limit=9) == ()


async def test_a_signal_is_detected_once(begin: Begin[Work], people: People) -> None:
    await put(begin, "ada", 1)
    with pytest.raises(StaleWrite):
        await put(begin, "ada", 1)


async def test_a_change_of_a_state_gone_by_is_refused(begin: Begin[Work], people: People) -> None:
    [signal] = await put(begin, "ada", 1)
    async with begin(people[0]) as work:
        await work.signals.record(signal.acknowledge(at=LATER))
    with pytest.raises(StaleWrite):
        async with begin(people[0]) as work:
            await work.signals.record(signal.acknowledge(at=LATER))


async def test_the_list_is_newest_first_and_continues_after_any(begin: Begin[Work], people: People) -> None:
    signals = await put(begin, "ada", 3, 1, 2, 5, 4)
    await put(begin, "bob", 6)
    newest = tuple(sorted(signals, key=lambda signal: signal.detected_at, reverse=True))
    async with begin(people[0]) as work:
        first = await work.signals.list(people[0], status=None, before=None, limit=2)
        rest = await work.signals.list(people[0], status=None, before=first[-1].id, limit=9)
    assert first == newest[:2]
    assert rest == newest[2:]


async def test_signals_of_one_moment_are_all_listed(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        for number in range(4):
            await work.signals.record(Signal.detected(detected("ada", number=number)))
    seen: list[Signal] = []
    async with begin(people[0]) as work:
        while page := await work.signals.list(
            people[0], status=None, before=seen[-1].id if seen else None, limit=1
        ):
            seen += page
    assert len({signal.id for signal in seen}) == 4


async def test_the_list_can_be_of_one_status(begin: Begin[Work], people: People) -> None:
    one, two = await put(begin, "ada", 1, 2)
    async with begin(people[0]) as work:
        await work.signals.record(seen := two.acknowledge(at=LATER))
        page = await work.signals.list(people[0], status=SignalStatus.ACKNOWLEDGED, before=None, limit=9)
        assert page == (seen.state,)
        page = await work.signals.list(people[0], status=SignalStatus.ACTIVE, before=two.id, limit=9)
        assert page == (one,)


async def test_an_overdue_signal_is_due_until_it_is_expired(begin: Begin[Work], people: People) -> None:
    one, two = await put(begin, "ada", 1, 2, expires=True)
    await put(begin, "bob", 3)
    late = AT + timedelta(hours=1, seconds=1)
    async with begin(None) as work:
        assert await work.signals.due_to_expire(late - timedelta(microseconds=1), 9) == ()
        assert await work.signals.due_to_expire(late, 9) == (one,)
        assert await work.signals.due_to_expire(late + timedelta(days=1), 1) == (one,)
        await work.signals.record(one.expire(at=late))
        assert await work.signals.due_to_expire(late + timedelta(days=1), 9) == (two,)
