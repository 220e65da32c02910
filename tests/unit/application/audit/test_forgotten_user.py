"""The main loop goes on around somebody who is forgotten, also in the very moment in which a channel is told."""

from dataclasses import dataclass

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.alerts.deliver_alerts import DeliverAlert
from application.alerts.ports import Lost, Message, Notifier, Outcome, Refused, Taken
from application.audit.forgetting.forget_user import ForgetUser
from application.audit.replaying.fold import folded
from domain.alerts.delivery import DeliveryStatus
from domain.identity.preferences import Channel
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import UserId

CHAT = "-1009876543210"


@dataclass(slots=True)
class Forgetful:
    """A channel that answers, but not before somebody had its user forgotten."""

    world: World
    user_id: UserId
    answer: Outcome
    channel: Channel = Channel.TELEGRAM

    async def send(self, contact: str, message: Message) -> Outcome:
        assert contact == CHAT
        await ForgetUser(self.world.database.begin, self.world.clock)(self.user_id)
        return self.answer


async def endangered(world: World) -> UserId:
    user_id = await world.register(wallet(1), told_by=(Channel.TELEGRAM, Channel.IN_APP), telegram=CHAT)
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.live()
    await world.observe(1350)
    await world.react()
    return user_id


async def test_the_loop_goes_on_and_replays_after_somebody_was_forgotten() -> None:
    world = World()
    user_id = await endangered(world)
    await world.deliver()
    forgotten_at = (await ForgetUser(world.database.begin, world.clock)(user_id)).at
    assert forgotten_at is not None
    await world.react()
    await world.live(1900)
    await world.live(1300)
    assert world.peers[Channel.TELEGRAM].contacts == [CHAT] * len(world.peers[Channel.TELEGRAM].contacts)
    settled = [one for one in await world.deliveries() if one.status is not DeliveryStatus.PENDING]
    after = [one for one in settled if one.planned_at >= forgotten_at]
    assert {one.reason for one in after} == {None, FORGOTTEN}
    assert {value for one in after for value in (one.receipt or {}).values()} <= {FORGOTTEN}
    report = await world.replay()
    assert report.differences == ()
    assert report.pending == 0


@pytest.mark.parametrize(
    "answer",
    [
        Taken({"chat": CHAT}),
        Refused(f"No chat {CHAT}.", final=True),
        Refused(f"Busy with {CHAT}."),
        Lost(f"No word of {CHAT}."),
    ],
    ids=["taken", "refused", "refused for now", "lost"],
)
async def test_what_a_channel_says_too_late_is_not_kept(answer: Outcome) -> None:
    world = World()
    user_id = await endangered(world)
    notifiers: dict[Channel, Notifier] = {**world.peers, Channel.TELEGRAM: Forgetful(world, user_id, answer)}
    world.delivers = DeliverAlert(world.begin, notifiers, world.clock)
    await world.deliver()
    await world.react()
    async with world.begin(None) as work:
        for delivery in await world.deliveries():
            assert CHAT not in str(delivery)
            assert folded(await work.facts.of(delivery.id)) == delivery
