import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from tests.unit.application.alerts.ringing import (
    IN_APP,
    TELEGRAM,
    acknowledge,
    attempts,
    ring,
    the_alert,
)
from tests.unit.application.world import FakePeer, World

from application.alerts.claim_deliveries import LEASE, NextDelivery
from application.alerts.deliver_alerts import DeliverAlert
from application.alerts.ports import AlertsWork, Notifier, Outcome, Refused, Taken
from domain.alerts.alert import AlertStatus
from domain.alerts.delivery import DeliveryStatus
from domain.identity.preferences import Channel
from domain.shared.ids import UserId


async def test_an_acknowledgement_while_the_message_is_under_way_keeps_the_outcome(world: World) -> None:
    alert = await ring(world)
    peer = world.peers[TELEGRAM]

    class Slow:
        channel = TELEGRAM

        async def send(self, contact: str, message: object) -> Outcome:
            await acknowledge(world, alert)
            return Taken({"id": "7"})

    [claim] = await world.claims()
    delivery = await DeliverAlert(world.begin, {TELEGRAM: Slow()}, world.clock)(claim)
    assert delivery.status is DeliveryStatus.DELIVERED
    after = await the_alert(world)
    assert (after.status, after.sent_at) == (AlertStatus.ACKNOWLEDGED, world.clock.now())
    assert peer.taken == []


async def test_a_claim_is_ours_until_its_lease_ends_and_then_the_attempt_is_unconfirmed(world: World) -> None:
    await ring(world)
    [claim] = await world.claims()
    assert not claim.lost
    assert await world.claims() == ()
    world.clock.advance(LEASE)
    [again] = await world.claims()
    assert again == replace(claim, lost=True)
    delivery = await world.delivers(again)
    assert delivery.status is DeliveryStatus.UNCONFIRMED
    assert world.peers[TELEGRAM].taken == []
    assert [one.status for one in await attempts(world)][1:] == [DeliveryStatus.PENDING]


async def test_a_worker_that_wakes_up_late_leaves_the_outcome_on_record_alone(world: World) -> None:
    await ring(world)
    [late] = await world.claims()
    world.clock.advance(LEASE)
    [claim] = await world.claims()
    settled = await world.delivers(claim)
    assert await world.delivers(late) == settled
    assert [one.status for one in await attempts(world)] == [
        DeliveryStatus.UNCONFIRMED,
        DeliveryStatus.PENDING,
    ]


async def test_a_lost_claim_of_an_acknowledged_alert_is_not_tried_again(world: World) -> None:
    alert = await ring(world)
    await world.claims()
    await acknowledge(world, alert)
    world.clock.advance(LEASE)
    [delivery] = await world.deliver()
    assert delivery.status is DeliveryStatus.UNCONFIRMED
    world.clock.advance(timedelta(minutes=1))
    assert {one.status for one in await world.deliver()} <= {DeliveryStatus.WITHDRAWN}


async def test_two_last_attempts_that_fail_at_once_leave_no_alert_pending(world: World) -> None:
    await ring(world, TELEGRAM, IN_APP)
    refused = Refused("blocked", final=True)
    peers: dict[Channel, Notifier] = {one: FakePeer(one, answers=[refused]) for one in (TELEGRAM, IN_APP)}

    @asynccontextmanager
    async def begin(actor: UserId | None) -> AsyncIterator[AlertsWork]:
        async with world.begin(actor) as work:
            yield work
            for _ in range(20):  # let the other come as far as it can before this one commits
                await asyncio.sleep(0)

    deliver = DeliverAlert(begin, peers, world.clock)
    settled = await asyncio.gather(*(deliver(claim) for claim in await world.claims()))
    assert [one.status for one in settled] == [DeliveryStatus.FAILED] * 2
    assert (await the_alert(world)).status is AlertStatus.FAILED


async def test_the_next_delivery_is_the_earliest_that_is_due_or_whose_lease_ends(world: World) -> None:
    next_due = NextDelivery(world.begin)
    assert await next_due() is None
    await ring(world)
    now = world.clock.now()
    assert await next_due() == now
    [claim] = await world.claims()
    assert await next_due() == now + LEASE
    await world.delivers(claim)
    assert await next_due() is None
