import asyncio
from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, detected, planned, raised

from application.alerts.ports import Claim
from application.audit.replaying.fold import folded
from application.shared.ports import Begin
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel
from domain.shared.errors import NotFound, StaleWrite
from domain.shared.ids import UserId
from domain.signals.signal import Signal

People = tuple[UserId, UserId]
LEASE = AT + timedelta(seconds=30)


@pytest.fixture
async def alert(begin: Begin[Work], people: People) -> Alert:
    async with begin(None) as work:
        await work.signals.record(Signal.detected(detected()))
        await work.alerts.record(change := raised())
    return change.state


async def put(begin: Begin[Work], alert: Alert, *attempts: int) -> list[Delivery]:
    """Plan attempts, each due its number of seconds after AT."""
    async with begin(None) as work:
        changes = [
            planned(alert, attempt=number, due_at=AT + timedelta(seconds=number)) for number in attempts
        ]
        for change in changes:
            await work.deliveries.record(change)
    return [change.state for change in changes]


async def claimed(begin: Begin[Work], late: int, *, lease: int = 30, limit: int = 9) -> tuple[Claim, ...]:
    async with begin(None) as work:
        at = AT + timedelta(seconds=late)
        return await work.deliveries.claim(at=at, until=at + timedelta(seconds=lease), limit=limit)


@pytest.mark.parametrize("outcome", ["succeed", "fail", "lose", "withdraw"])
async def test_a_delivery_comes_back_as_recorded(begin: Begin[Work], alert: Alert, outcome: str) -> None:
    [delivery] = await put(begin, alert, 1)
    change = (
        delivery.succeed(receipt={"message_id": "7", "chat": "ä"}, at=LATER)
        if outcome == "succeed"
        else getattr(delivery, outcome)(reason="Because.", at=LATER)
    )
    async with begin(None) as work:
        assert await work.deliveries.get(delivery.id) == delivery
        await work.deliveries.record(change)
    async with begin(alert.user_id) as work:
        assert await work.deliveries.get(delivery.id) == change.state
        assert folded(await work.facts.of(delivery.id)) == change.state


async def test_another_users_delivery_does_not_exist(
    begin: Begin[Work], people: People, alert: Alert
) -> None:
    [delivery] = await put(begin, alert, 1)
    async with begin(people[1]) as work:
        with pytest.raises(NotFound):
            await work.deliveries.get(delivery.id)
        assert await work.deliveries.of_alert(alert.id) == ()


async def test_planning_what_is_planned_already_is_refused(begin: Begin[Work], alert: Alert) -> None:
    await put(begin, alert, 1)
    with pytest.raises(StaleWrite):
        await put(begin, alert, 1)
    async with begin(None) as work:
        assert len(await work.deliveries.of_alert(alert.id)) == 1


async def test_an_alerts_attempts_are_listed_in_order(begin: Begin[Work], alert: Alert) -> None:
    attempts = await put(begin, alert, 3, 1, 2)
    async with begin(None) as work:
        assert await work.deliveries.of_alert(alert.id) == (attempts[1], attempts[2], attempts[0])


async def test_only_what_is_due_is_claimed(begin: Begin[Work], alert: Alert) -> None:
    one, two, _ = await put(begin, alert, 1, 2, 3)
    assert await claimed(begin, 0) == ()
    assert await claimed(begin, 2) == (Claim(one, lost=False), Claim(two, lost=False))
    assert await claimed(begin, 2) == ()


async def test_the_longest_due_is_claimed_first(begin: Begin[Work], alert: Alert) -> None:
    three, one, two = await put(begin, alert, 3, 1, 2)
    assert await claimed(begin, 9, limit=2) == (Claim(one, lost=False), Claim(two, lost=False))
    assert await claimed(begin, 9, limit=2) == (Claim(three, lost=False),)


async def test_two_claimers_never_get_the_same(begin: Begin[Work], alert: Alert) -> None:
    deliveries = await put(begin, alert, *range(1, 9))

    async def claim() -> list[Delivery]:
        async with begin(None) as work:
            claims = await work.deliveries.claim(at=LATER, until=LATER + timedelta(minutes=1), limit=4)
            await asyncio.sleep(0.05)
        return [claim.delivery for claim in claims]

    first, second = await asyncio.gather(claim(), claim())
    assert sorted(first + second, key=lambda delivery: delivery.attempt) == deliveries


async def test_a_lease_that_ended_comes_back_as_lost(begin: Begin[Work], alert: Alert) -> None:
    [delivery] = await put(begin, alert, 1)
    await claimed(begin, 1, lease=30)
    assert await claimed(begin, 30) == ()
    assert await claimed(begin, 31) == (Claim(delivery, lost=True),)


async def test_a_claim_that_was_rolled_back_was_never_made(begin: Begin[Work], alert: Alert) -> None:
    [delivery] = await put(begin, alert, 1)

    async def claim_and_die() -> None:
        async with begin(None) as work:
            await work.deliveries.claim(at=LATER, until=LATER, limit=9)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await claim_and_die()
    assert await claimed(begin, 1) == (Claim(delivery, lost=False),)


async def test_what_is_settled_is_not_claimed(begin: Begin[Work], alert: Alert) -> None:
    [delivery] = await put(begin, alert, 1)
    await claimed(begin, 1)
    async with begin(None) as work:
        await work.deliveries.record(delivery.succeed(receipt={}, at=LATER))
    assert await claimed(begin, 3600) == ()


async def test_of_two_outcomes_one_is_recorded(begin: Begin[Work], alert: Alert) -> None:
    [delivery] = await put(begin, alert, 1)

    async def settle(reason: str) -> None:
        async with begin(None) as work:
            await work.deliveries.record(delivery.lose(reason=reason, at=LATER))

    outcomes = await asyncio.gather(settle("one"), settle("two"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [StaleWrite]


async def test_the_next_is_due_when_it_is_due_or_its_lease_ends(begin: Begin[Work], alert: Alert) -> None:
    async with begin(None) as work:
        assert await work.deliveries.next_due() is None
    one, two = await put(begin, alert, 1, 60)
    async with begin(None) as work:
        assert await work.deliveries.next_due() == one.due_at
    await claimed(begin, 1, lease=30)
    async with begin(None) as work:
        assert await work.deliveries.next_due() == AT + timedelta(seconds=31)
        await work.deliveries.record(one.fail(reason="No.", at=LATER))
        assert await work.deliveries.next_due() == two.due_at


async def test_alarm_and_all_clear_are_different_deliveries(begin: Begin[Work], alert: Alert) -> None:
    async with begin(None) as work:
        for purpose in Purpose:
            for channel in Channel:
                await work.deliveries.record(planned(alert, purpose=purpose, channel=channel))
        assert len(await work.deliveries.of_alert(alert.id)) == len(Purpose) * len(Channel)
