from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.alerts.acknowledge_alert import AcknowledgeAlert
from domain.alerts.alert import AlertStatus
from domain.alerts.delivery import DeliveryStatus
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel, SignalType

LOW, CRITICAL = SignalType.HEALTH_FACTOR_LOW, SignalType.HEALTH_FACTOR_CRITICAL
ONLY_HEALTH = [LOW, CRITICAL]


async def _look(world: World, *prices: int) -> None:
    for dollars in prices:
        await world.observe(dollars)
        await world.react()


async def _start(world: World, told_by: tuple[Channel, ...] = (Channel.IN_APP,)) -> None:
    user = await world.register(wallet(1), told_by=told_by)
    await world.prefer(user, active=ONLY_HEALTH)
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 2000)


async def test_an_alert_and_its_first_attempts_are_one_commit(world: World) -> None:
    await _start(world, (Channel.IN_APP, Channel.EMAIL))
    await _look(world, 1810)
    [alert] = await world.alerts()
    deliveries = await world.deliveries()
    assert [(one.channel, one.purpose, one.attempt) for one in deliveries] == [
        (Channel.IN_APP, Purpose.ALARM, 1),
        (Channel.EMAIL, Purpose.ALARM, 1),
    ]
    assert all(one.alert_id == alert.id and one.status is DeliveryStatus.PENDING for one in deliveries)
    assert "below your 1.5" in alert.message


async def test_the_graver_alert_silences_the_lesser_one(world: World) -> None:
    await _start(world)
    await _look(world, 1300)
    assert [signal.type for signal in await world.signals()] == [CRITICAL, LOW]
    assert [alert.type for alert in await world.alerts()] == [CRITICAL]


async def test_the_graver_alert_rings_after_the_lesser_one(world: World) -> None:
    await _start(world)
    await _look(world, 1810, 1300)
    assert [alert.type for alert in await world.alerts()] == [LOW, CRITICAL]


async def test_the_all_clear_resolves_and_is_told_on_the_same_channels(world: World) -> None:
    await _start(world, (Channel.TELEGRAM, Channel.IN_APP))
    await _look(world, 1810, 2000)
    [alert] = await world.alerts()
    assert alert.status is AlertStatus.RESOLVED
    assert alert.all_clear is not None
    assert alert.all_clear.startswith("All clear: the health factor is 1.6500, back above your 1.5.")
    all_clears = [one for one in await world.deliveries() if one.purpose is Purpose.ALL_CLEAR]
    assert [one.channel for one in all_clears] == [Channel.TELEGRAM, Channel.IN_APP]


async def test_the_all_clear_comes_after_an_acknowledgement_too(world: World) -> None:
    await _start(world)
    await _look(world, 1810)
    [alert] = await world.alerts()
    await AcknowledgeAlert(world.begin, world.clock)(actor=alert.user_id, alert_id=alert.id)
    await _look(world, 2000)
    [resolved] = await world.alerts()
    assert resolved.status is AlertStatus.RESOLVED
    assert resolved.acknowledged_at is not None


async def test_a_second_fall_is_a_second_alert(world: World) -> None:
    await _start(world)
    await _look(world, 1810, 2000, 1810)
    assert [alert.status for alert in await world.alerts()] == [AlertStatus.RESOLVED, AlertStatus.PENDING]


async def test_the_channels_are_those_of_the_rules_that_the_signal_was_taken_by(world: World) -> None:
    await _start(world, (Channel.EMAIL,))
    await world.observe(1810)
    while await world.detects():
        pass
    [signal] = await world.signals()
    async with world.begin(signal.user_id) as work:
        user = await work.users.get(signal.user_id)
    await world.prefer(user.id, low="1.3")
    await world.react()
    [alert] = await world.alerts()
    assert alert.channels == (Channel.EMAIL,)
    assert alert.rule_version == signal.rule_version < user.version + 1
