from datetime import timedelta

import pytest
from tests.unit.application.alerts.ringing import (
    EMAIL,
    IN_APP,
    TELEGRAM,
    acknowledge,
    attempts,
    ring,
    the_alert,
)
from tests.unit.application.world import World

from application.alerts.deliver_alerts import DeliverAlert
from application.alerts.ports import Lost, Outcome, Refused
from domain.alerts.alert import AlertStatus
from domain.alerts.delivery import DeliveryStatus
from domain.alerts.events import AlertFailed, AlertSent, Purpose
from domain.alerts.retry import MOST_ATTEMPTS
from domain.identity.preferences import Channel
from domain.shared.ids import UserId


async def test_a_message_that_was_taken_leaves_the_channels_receipt(world: World) -> None:
    alert = await ring(world)
    [delivery] = await world.deliver()
    assert (delivery.status, delivery.receipt) == (DeliveryStatus.DELIVERED, {"id": "1"})
    [message] = world.peers[TELEGRAM].taken
    assert (message.key, message.text, message.alert_id) == (delivery.id, alert.message, alert.id)
    assert world.peers[TELEGRAM].contacts == ["42"]
    assert (await the_alert(world)).status is AlertStatus.SENT
    assert await world.deliver() == []


async def test_the_first_channel_that_takes_it_counts_as_sent(world: World) -> None:
    await ring(world, TELEGRAM, IN_APP)
    assert len(await world.deliver()) == 2
    assert len([one for one in world.database.store.log if isinstance(one.fact, AlertSent)]) == 1


async def test_a_refusal_is_tried_again_after_a_pause_that_the_channel_may_lengthen(world: World) -> None:
    await ring(world)
    world.peers[TELEGRAM].answers = [Refused("busy"), Refused("slow down", retry_after=timedelta(minutes=3))]
    began = world.clock.now()
    await world.deliver()
    assert await world.deliver() == []
    world.clock.advance(timedelta(seconds=2))
    await world.deliver()
    first, second, third = await attempts(world)
    assert (first.status, first.reason) == (DeliveryStatus.FAILED, "busy")
    assert second.due_at == began + timedelta(seconds=2)
    assert third.due_at == second.due_at + timedelta(minutes=3)
    assert (await the_alert(world)).status is AlertStatus.PENDING
    world.clock.advance(timedelta(minutes=3))
    await world.deliver()
    assert (await the_alert(world)).status is AlertStatus.SENT


@pytest.mark.parametrize("outcome", [Refused("busy"), Lost("no answer")])
async def test_a_channel_that_never_takes_it_is_given_up_and_the_alert_has_failed(
    world: World, outcome: Outcome
) -> None:
    await ring(world)
    world.peers[TELEGRAM].answers = [outcome] * 100
    for _ in range(MOST_ATTEMPTS + 2):
        await world.deliver()
        world.clock.advance(timedelta(minutes=31))
    assert len(await attempts(world)) == MOST_ATTEMPTS
    assert (await the_alert(world)).status is AlertStatus.FAILED
    assert len([one for one in world.database.store.log if isinstance(one.fact, AlertFailed)]) == 1


async def test_a_final_refusal_is_not_tried_again(world: World) -> None:
    await ring(world)
    world.peers[TELEGRAM].answers = [Refused("The bot was blocked.", final=True)]
    await world.deliver()
    assert [one.status for one in await attempts(world)] == [DeliveryStatus.FAILED]
    assert (await the_alert(world)).status is AlertStatus.FAILED


async def test_an_alert_fails_only_when_every_channel_has(world: World) -> None:
    await ring(world, TELEGRAM, IN_APP)
    world.peers[TELEGRAM].answers = [Refused("blocked", final=True)]
    world.peers[IN_APP].answers = [Refused("busy")]
    await world.deliver()
    assert (await the_alert(world)).status is AlertStatus.PENDING
    world.clock.advance(timedelta(seconds=2))
    await world.deliver()
    assert (await the_alert(world)).status is AlertStatus.SENT


async def test_a_lost_answer_is_unconfirmed_and_tried_again(world: World) -> None:
    await ring(world)
    world.peers[TELEGRAM].answers = [Lost("The connection was dropped.")]
    [delivery] = await world.deliver()
    assert (delivery.status, delivery.reason) == (DeliveryStatus.UNCONFIRMED, "The connection was dropped.")
    assert [one.status for one in await attempts(world)] == [
        DeliveryStatus.UNCONFIRMED,
        DeliveryStatus.PENDING,
    ]


@pytest.mark.parametrize("told_by", [TELEGRAM, EMAIL])
async def test_without_a_contact_the_attempt_fails_for_good(world: World, told_by: Channel) -> None:
    await ring(world, told_by, telegram=None)
    [delivery] = await world.deliver()
    assert delivery.status is DeliveryStatus.FAILED
    assert delivery.reason == f"No {told_by} contact is linked to the account."
    assert world.peers[told_by].taken == []
    assert (await the_alert(world)).status is AlertStatus.FAILED


async def test_without_the_channel_configured_the_attempt_fails_for_good(world: World) -> None:
    await ring(world)
    [claim] = await world.claims()
    delivery = await DeliverAlert(world.begin, {}, world.clock)(claim)
    assert delivery.reason == "The channel telegram is not configured here."
    assert (await the_alert(world)).status is AlertStatus.FAILED


async def test_an_acknowledged_alert_rings_no_more(world: World) -> None:
    alert = await ring(world, TELEGRAM, IN_APP)
    world.peers[TELEGRAM].answers = [Refused("busy")]
    await world.deliver()
    await acknowledge(world, alert)
    world.clock.advance(timedelta(seconds=5))
    [withdrawn] = await world.deliver()
    assert withdrawn.status is DeliveryStatus.WITHDRAWN
    assert len(world.peers[TELEGRAM].taken) == 1
    assert (await the_alert(world)).status is AlertStatus.ACKNOWLEDGED


async def test_an_alert_resolved_before_it_rang_is_withdrawn_with_its_all_clear(world: World) -> None:
    await ring(world)
    await world.observe(2000)
    await world.react()
    settled = await world.deliver()
    assert {one.purpose for one in settled} == set(Purpose)
    assert {one.status for one in settled} == {DeliveryStatus.WITHDRAWN}
    assert world.peers[TELEGRAM].taken == []
    assert (await the_alert(world)).status is AlertStatus.RESOLVED


async def test_the_all_clear_is_told_where_the_alarm_was(world: World) -> None:
    await ring(world)
    await world.deliver()
    await world.observe(2000)
    await world.react()
    await world.deliver()
    alarm, all_clear = world.peers[TELEGRAM].taken
    assert (alarm.purpose, all_clear.purpose) == (Purpose.ALARM, Purpose.ALL_CLEAR)
    assert all_clear.text == (await the_alert(world)).all_clear


async def test_a_user_who_left_is_told_only_in_the_app(world: World) -> None:
    alert = await ring(world, TELEGRAM)
    await world.delete(UserId(alert.user_id))
    settled = await world.deliver()
    assert [one.status for one in settled] == [DeliveryStatus.FAILED]
    assert world.peers[TELEGRAM].taken == []


async def test_an_alarm_that_may_have_arrived_gets_its_all_clear(world: World) -> None:
    await ring(world, TELEGRAM, IN_APP)
    world.peers[TELEGRAM].answers = [Lost("no answer")]
    world.peers[IN_APP].answers = [Refused("full", final=True)]
    await world.deliver()
    await world.observe(2000)
    await world.react()
    await world.deliver()
    told = {one.channel: one.status for one in await attempts(world, Purpose.ALL_CLEAR)}
    assert told == {TELEGRAM: DeliveryStatus.DELIVERED, IN_APP: DeliveryStatus.WITHDRAWN}
