from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.claim_deliveries import LEASE, DeliverAlert
from application.alerts.ports import Lost, Outcome, Refused, Taken
from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.alerts.events import AlertFailed, AlertSent, Purpose
from domain.alerts.retry import MOST_ATTEMPTS
from domain.identity.preferences import Channel, SignalType
from domain.shared.ids import UserId

TELEGRAM, IN_APP, EMAIL = Channel.TELEGRAM, Channel.IN_APP, Channel.EMAIL


async def _ring(world: World, *told_by: Channel, telegram: str | None = "42") -> Alert:
    user = await world.register(wallet(1), told_by=told_by or (TELEGRAM,), telegram=telegram)
    await world.prefer(user, active=[SignalType.HEALTH_FACTOR_LOW])
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.observe(1810)
    await world.react()
    [alert] = await world.alerts()
    return alert


async def _alert(world: World) -> Alert:
    [alert] = await world.alerts()
    return alert


async def _attempts(world: World, purpose: Purpose = Purpose.ALARM) -> list[Delivery]:
    return [one for one in await world.deliveries() if one.purpose is purpose]


async def _acknowledge(world: World, alert: Alert) -> None:
    await AcknowledgeAlert(world.begin, world.clock)(actor=alert.user_id, alert_id=alert.id)


async def test_a_message_that_was_taken_leaves_the_channels_receipt(world: World) -> None:
    alert = await _ring(world)
    [delivery] = await world.deliver()
    assert (delivery.status, delivery.receipt) == (DeliveryStatus.DELIVERED, {"id": "1"})
    [message] = world.peers[TELEGRAM].taken
    assert (message.key, message.text, message.alert_id) == (delivery.id, alert.message, alert.id)
    assert world.peers[TELEGRAM].contacts == ["42"]
    assert (await _alert(world)).status is AlertStatus.SENT
    assert await world.deliver() == []


async def test_the_first_channel_that_takes_it_counts_as_sent(world: World) -> None:
    await _ring(world, TELEGRAM, IN_APP)
    assert len(await world.deliver()) == 2
    assert len([one for one in world.database.store.log if isinstance(one.fact, AlertSent)]) == 1


async def test_a_refusal_is_tried_again_after_a_pause_that_the_channel_may_lengthen(world: World) -> None:
    await _ring(world)
    world.peers[TELEGRAM].answers = [Refused("busy"), Refused("slow down", retry_after=timedelta(minutes=3))]
    began = world.clock.now()
    await world.deliver()
    assert await world.deliver() == []
    world.clock.advance(timedelta(seconds=2))
    await world.deliver()
    first, second, third = await _attempts(world)
    assert (first.status, first.reason) == (DeliveryStatus.FAILED, "busy")
    assert second.due_at == began + timedelta(seconds=2)
    assert third.due_at == second.due_at + timedelta(minutes=3)
    assert (await _alert(world)).status is AlertStatus.PENDING
    world.clock.advance(timedelta(minutes=3))
    await world.deliver()
    assert (await _alert(world)).status is AlertStatus.SENT


@pytest.mark.parametrize("outcome", [Refused("busy"), Lost("no answer")])
async def test_a_channel_that_never_takes_it_is_given_up_and_the_alert_has_failed(
    world: World, outcome: Outcome
) -> None:
    await _ring(world)
    world.peers[TELEGRAM].answers = [outcome] * 100
    for _ in range(MOST_ATTEMPTS + 2):
        await world.deliver()
        world.clock.advance(timedelta(minutes=31))
    assert len(await _attempts(world)) == MOST_ATTEMPTS
    assert (await _alert(world)).status is AlertStatus.FAILED
    assert len([one for one in world.database.store.log if isinstance(one.fact, AlertFailed)]) == 1


async def test_a_final_refusal_is_not_tried_again(world: World) -> None:
    await _ring(world)
    world.peers[TELEGRAM].answers = [Refused("The bot was blocked.", final=True)]
    await world.deliver()
    assert [one.status for one in await _attempts(world)] == [DeliveryStatus.FAILED]
    assert (await _alert(world)).status is AlertStatus.FAILED


async def test_an_alert_fails_only_when_every_channel_has(world: World) -> None:
    await _ring(world, TELEGRAM, IN_APP)
    world.peers[TELEGRAM].answers = [Refused("blocked", final=True)]
    world.peers[IN_APP].answers = [Refused("busy")]
    await world.deliver()
    assert (await _alert(world)).status is AlertStatus.PENDING
    world.clock.advance(timedelta(seconds=2))
    await world.deliver()
    assert (await _alert(world)).status is AlertStatus.SENT


async def test_a_lost_answer_is_unconfirmed_and_tried_again(world: World) -> None:
    await _ring(world)
    world.peers[TELEGRAM].answers = [Lost("The connection was dropped.")]
    [delivery] = await world.deliver()
    assert (delivery.status, delivery.reason) == (DeliveryStatus.UNCONFIRMED, "The connection was dropped.")
    assert [one.status for one in await _attempts(world)] == [
        DeliveryStatus.UNCONFIRMED,
        DeliveryStatus.PENDING,
    ]


@pytest.mark.parametrize("told_by", [TELEGRAM, EMAIL])
async def test_without_a_contact_the_attempt_fails_for_good(world: World, told_by: Channel) -> None:
    await _ring(world, told_by, telegram=None)
    [delivery] = await world.deliver()
    assert delivery.status is DeliveryStatus.FAILED
    assert delivery.reason == f"No {told_by} contact is linked to the account."
    assert world.peers[told_by].taken == []
    assert (await _alert(world)).status is AlertStatus.FAILED


async def test_without_the_channel_configured_the_attempt_fails_for_good(world: World) -> None:
    await _ring(world)
    [claim] = await world.claims()
    delivery = await DeliverAlert(world.begin, {}, world.clock)(claim)
    assert delivery.reason == "The channel telegram is not configured here."
    assert (await _alert(world)).status is AlertStatus.FAILED


async def test_an_acknowledged_alert_rings_no_more(world: World) -> None:
    alert = await _ring(world, TELEGRAM, IN_APP)
    world.peers[TELEGRAM].answers = [Refused("busy")]
    await world.deliver()
    await _acknowledge(world, alert)
    world.clock.advance(timedelta(seconds=5))
    [withdrawn] = await world.deliver()
    assert withdrawn.status is DeliveryStatus.WITHDRAWN
    assert len(world.peers[TELEGRAM].taken) == 1
    assert (await _alert(world)).status is AlertStatus.ACKNOWLEDGED


async def test_an_alert_resolved_before_it_rang_is_withdrawn_with_its_all_clear(world: World) -> None:
    await _ring(world)
    await world.observe(2000)
    await world.react()
    settled = await world.deliver()
    assert {one.purpose for one in settled} == set(Purpose)
    assert {one.status for one in settled} == {DeliveryStatus.WITHDRAWN}
    assert world.peers[TELEGRAM].taken == []
    assert (await _alert(world)).status is AlertStatus.RESOLVED


async def test_the_all_clear_is_told_where_the_alarm_was(world: World) -> None:
    await _ring(world)
    await world.deliver()
    await world.observe(2000)
    await world.react()
    await world.deliver()
    alarm, all_clear = world.peers[TELEGRAM].taken
    assert (alarm.purpose, all_clear.purpose) == (Purpose.ALARM, Purpose.ALL_CLEAR)
    assert all_clear.text == (await _alert(world)).all_clear


async def test_an_acknowledgement_while_the_message_is_under_way_keeps_the_outcome(world: World) -> None:
    alert = await _ring(world)
    peer = world.peers[TELEGRAM]

    class Slow:
        channel = TELEGRAM

        async def send(self, contact: str, message: object) -> Outcome:
            await _acknowledge(world, alert)
            return Taken({"id": "7"})

    [claim] = await world.claims()
    delivery = await DeliverAlert(world.begin, {TELEGRAM: Slow()}, world.clock)(claim)
    assert delivery.status is DeliveryStatus.DELIVERED
    after = await _alert(world)
    assert (after.status, after.sent_at) == (AlertStatus.ACKNOWLEDGED, world.clock.now())
    assert peer.taken == []


async def test_a_claim_is_ours_until_its_lease_ends_and_then_the_attempt_is_unconfirmed(world: World) -> None:
    await _ring(world)
    [claim] = await world.claims()
    assert not claim.lost
    assert await world.claims() == ()
    world.clock.advance(LEASE)
    [again] = await world.claims()
    assert again == replace(claim, lost=True)
    delivery = await world.delivers(again)
    assert delivery.status is DeliveryStatus.UNCONFIRMED
    assert world.peers[TELEGRAM].taken == []
    assert [one.status for one in await _attempts(world)][1:] == [DeliveryStatus.PENDING]


async def test_a_worker_that_wakes_up_late_leaves_the_outcome_on_record_alone(world: World) -> None:
    await _ring(world)
    [late] = await world.claims()
    world.clock.advance(LEASE)
    [claim] = await world.claims()
    settled = await world.delivers(claim)
    assert await world.delivers(late) == settled
    assert [one.status for one in await _attempts(world)] == [
        DeliveryStatus.UNCONFIRMED,
        DeliveryStatus.PENDING,
    ]


async def test_a_lost_claim_of_an_acknowledged_alert_is_not_tried_again(world: World) -> None:
    alert = await _ring(world)
    await world.claims()
    await _acknowledge(world, alert)
    world.clock.advance(LEASE)
    [delivery] = await world.deliver()
    assert delivery.status is DeliveryStatus.UNCONFIRMED
    world.clock.advance(timedelta(minutes=1))
    assert {one.status for one in await world.deliver()} <= {DeliveryStatus.WITHDRAWN}


async def test_a_user_who_left_is_told_only_in_the_app(world: World) -> None:
    alert = await _ring(world, TELEGRAM)
    await world.delete(UserId(alert.user_id))
    settled = await world.deliver()
    assert [one.status for one in settled] == [DeliveryStatus.FAILED]
    assert world.peers[TELEGRAM].taken == []
