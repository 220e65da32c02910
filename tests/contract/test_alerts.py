import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, detected, raised, subject

from application.audit.replaying.fold import folded
from application.shared.ports import Begin
from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.errors import AlertNotFound
from domain.identity.preferences import Channel
from domain.shared.errors import StaleWrite
from domain.shared.ids import SignalId, UserId, derived
from domain.signals.signal import Signal

People = tuple[UserId, UserId]


async def put(begin: Begin[Work], name: str, *numbers: int) -> list[Alert]:
    alerts = []
    async with begin(None) as work:
        for number in numbers:
            await work.signals.record(Signal.detected(detected(name, number=number)))
            channels = (Channel.EMAIL, Channel.IN_APP)
            change = raised(name, number=number, at=AT + timedelta(seconds=number), channels=channels)
            await work.alerts.record(change)
            alerts.append(change.state)
    return alerts


async def test_an_alert_comes_back_as_recorded(begin: Begin[Work], people: People) -> None:
    [alert] = await put(begin, "ada", 1)
    async with begin(None) as work:
        assert await work.alerts.get(alert.id) == alert
        await work.alerts.record(sent := alert.sent(channel=Channel.EMAIL, at=LATER))
    async with begin(people[0]) as work:
        assert await work.alerts.get(alert.id) == sent.state
        await work.alerts.record(seen := sent.state.acknowledge(at=LATER))
    async with begin(None) as work:
        await work.alerts.record(over := seen.state.resolve(message="All clear.", at=LATER))
    async with begin(people[0]) as work:
        assert await work.alerts.get(alert.id) == over.state
        assert folded(await work.facts.of(alert.id)) == over.state


async def test_an_alert_without_channels_comes_back(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.signals.record(Signal.detected(detected()))
        await work.alerts.record(silent := raised(channels=()))
        assert await work.alerts.get(silent.state.id) == silent.state


async def test_another_users_alert_does_not_exist(begin: Begin[Work], people: People) -> None:
    [alert] = await put(begin, "ada", 1)
    async with begin(people[1]) as work:
        with pytest.raises(AlertNotFound):
            await work.alerts.get(alert.id)
        assert await work.alerts.of_signal(alert.signal_id) is None
        assert await work.alerts.standing(subject("ada")) == ()
        assert await work.alerts.list(people[0], status=(), before=None, limit=9) == ()


async def test_a_signal_leads_to_its_alert(begin: Begin[Work], people: People) -> None:
    [alert] = await put(begin, "ada", 1)
    async with begin(None) as work:
        assert await work.alerts.of_signal(alert.signal_id) == alert
        assert await work.alerts.of_signal(SignalId(derived("signal", "unheard of"))) is None


async def test_a_signal_raises_one_alert(begin: Begin[Work], people: People) -> None:
    await put(begin, "ada", 1)
    with pytest.raises(StaleWrite):
        async with begin(None) as work:
            await work.alerts.record(raised("ada", number=1))


async def test_an_alert_stands_until_it_is_resolved(begin: Begin[Work], people: People) -> None:
    one, two = await put(begin, "ada", 1, 2)
    await put(begin, "bob", 3)
    async with begin(None) as work:
        await work.alerts.record(seen := one.acknowledge(at=LATER))
        assert await work.alerts.standing(subject("ada")) == (seen.state, two)
        await work.alerts.record(two.resolve(message="All clear.", at=LATER))
        assert await work.alerts.standing(subject("ada")) == (seen.state,)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ((), [3, 2, 1]),
        ((AlertStatus.ACKNOWLEDGED,), [2]),
        ((AlertStatus.ACKNOWLEDGED, AlertStatus.PENDING), [3, 2, 1]),
        ({AlertStatus.FAILED}, []),
    ],
)
async def test_the_list_is_newest_first(
    begin: Begin[Work], people: People, status: Collection[AlertStatus], expected: list[int]
) -> None:
    alerts = await put(begin, "ada", 1, 2, 3)
    await put(begin, "bob", 4)
    async with begin(people[0]) as work:
        await work.alerts.record(alerts[1].acknowledge(at=LATER))
        page = await work.alerts.list(people[0], status=status, before=None, limit=9)
    assert [alert.id for alert in page] == [alerts[number - 1].id for number in expected]


async def test_the_list_continues_after_an_alert_that_no_longer_fits(
    begin: Begin[Work], people: People
) -> None:
    alerts = await put(begin, "ada", 1, 2, 3)
    async with begin(people[0]) as work:
        await work.alerts.record(alerts[1].acknowledge(at=LATER))
        page = await work.alerts.list(people[0], status=[AlertStatus.PENDING], before=alerts[1].id, limit=9)
        assert page == (alerts[0],)
        unknown = raised("ada", number=99).state.id
        assert await work.alerts.list(people[0], status=(), before=unknown, limit=9) == ()


async def test_whoever_holds_an_alert_changes_it_first_and_the_next_sees_it(
    begin: Begin[Work], people: People
) -> None:
    [alert] = await put(begin, "ada", 1)
    order: list[str] = []

    async def acknowledge() -> None:
        async with begin(None) as work:
            held = await work.alerts.hold(alert.id)
            order.append(held.status)
            await asyncio.sleep(0.05)
            await work.alerts.record(held.acknowledge(at=LATER))

    await asyncio.gather(acknowledge(), acknowledge())
    assert order == ["pending", "acknowledged"]
