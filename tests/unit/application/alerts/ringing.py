from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.alerts.acknowledge_alert import AcknowledgeAlert
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel, SignalType

TELEGRAM, IN_APP, EMAIL = Channel.TELEGRAM, Channel.IN_APP, Channel.EMAIL


async def ring(world: World, *told_by: Channel, telegram: str | None = "42") -> Alert:
    user = await world.register(wallet(1), told_by=told_by or (TELEGRAM,), telegram=telegram)
    await world.prefer(user, active=[SignalType.HEALTH_FACTOR_LOW])
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.observe(1810)
    await world.react()
    [alert] = await world.alerts()
    return alert


async def the_alert(world: World) -> Alert:
    [alert] = await world.alerts()
    return alert


async def attempts(world: World, purpose: Purpose = Purpose.ALARM) -> list[Delivery]:
    return [one for one in await world.deliveries() if one.purpose is purpose]


async def acknowledge(world: World, alert: Alert) -> None:
    await AcknowledgeAlert(world.begin, world.clock)(actor=alert.user_id, alert_id=alert.id)
