from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.market import CHAIN, WETH, digest, wallet
from tests.unit.application.world import World

from adapters.memory.positions import StoredSnapshot
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.ports import Refused
from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explanation import Explanation
from domain.alerts.alert import Alert
from domain.alerts.delivery import DeliveryStatus
from domain.alerts.errors import AlertNotFound
from domain.identity.preferences import Channel, SignalType
from domain.shared.ids import AlertId, UserId

BOTH = (Channel.IN_APP, Channel.TELEGRAM)


@pytest.fixture
async def alice(world: World) -> UserId:
    """A user whose wallet has a health factor of 1.65, beside somebody else's in the same batch."""
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 1_000)}
    await world.register(wallet(2))
    user = await world.register(wallet(1), told_by=BOTH, telegram="42")
    await world.searches(chain_id=CHAIN)
    await world.live()
    return user


async def _alert(world: World, type: SignalType) -> Alert:
    return next(alert for alert in await world.alerts() if alert.type is type)


async def _explained(world: World, type: SignalType, actor: UserId | None) -> Explanation:
    alert = await _alert(world, type)
    return await ExplainAlert(world.begin)(actor=actor, alert_id=alert.id)


async def _live_through(world: World, type: SignalType) -> None:
    match type:
        case SignalType.HEALTH_FACTOR_LOW:
            await world.live(1810)
        case SignalType.HEALTH_FACTOR_CRITICAL | SignalType.PRICE_MOVE:
            await world.live(1300)
        case SignalType.POSITION_LIQUIDATED:
            world.market.liquidate(wallet(1))
            await world.searches(chain_id=CHAIN)
            await world.react()
            await world.deliver()


@pytest.mark.parametrize("theirs", [True, False], ids=["to its user", "to an auditor"])
@pytest.mark.parametrize("type", SignalType)
async def test_an_alert_of_each_type_is_reproduced_byte_for_byte(
    world: World, alice: UserId, type: SignalType, theirs: bool
) -> None:
    await _live_through(world, type)
    told = await _explained(world, type, alice if theirs else None)
    assert told.obstacle is None
    assert [one.type for one in told.remade] == ["signal.detected.v1", "alert.raised.v1"]
    assert told.reproduced
    assert all(one.recorded_sha256 == one.remade_sha256 for one in told.remade)
    assert {delivery.channel for delivery in told.deliveries} == set(BOTH)


async def test_the_story_is_told_in_order_with_figures_that_can_be_checked(world: World) -> None:
    user = await world.register(wallet(1), told_by=(Channel.TELEGRAM,), telegram="42")
    await world.prefer(user, active=[SignalType.HEALTH_FACTOR_CRITICAL])
    world.market.stakes = {wallet(1): (10, 10_000)}
    world.peers[Channel.TELEGRAM].answers = [Refused("The channel is busy.")]
    await world.live(1300)
    world.clock.advance(timedelta(seconds=30))
    await world.deliver()
    [alert] = await world.alerts()
    await AcknowledgeAlert(world.begin, world.clock)(actor=user, alert_id=alert.id)
    await world.live(2000)
    told = await _explained(world, SignalType.HEALTH_FACTOR_CRITICAL, None)
    assert told.reproduced
    assert [step.what for step in told.steps] == [
        "These were the user's rules.",
        "The wallet was read at one block.",
        "The signal health_factor_critical was detected for WETH.",
        "The alert was raised.",
        "Planned: attempt 1 of the alarm by telegram.",
        "Failed: attempt 1 of the alarm by telegram.",
        "Planned: attempt 2 of the alarm by telegram.",
        "Delivered: attempt 2 of the alarm by telegram.",
        "The alert counts as sent: telegram took it.",
        "The user acknowledged the alert.",
        "The signal cleared.",
        "The alert was resolved.",
        "Planned: attempt 1 of the all-clear by telegram.",
        "Delivered: attempt 1 of the all-clear by telegram.",
    ]
    assert [step.at for step in told.steps] == sorted(step.at for step in told.steps)
    rules, read, detected, raised, *_ = (dict(step.figures) for step in told.steps)
    assert rules["health_factor_critical"] == "1.15"
    assert rules["rule_version"] == str(alert.rule_version)
    assert read["block_number"] == "101"
    assert read["block_hash"] == digest("block", 101)
    assert read["WETH"] == WETH
    assert read["WETH supplied"] == "10 as collateral"
    assert read["WETH price"] == "1300 USD"
    assert read["USDC owed"] == "10000"
    assert read["health_factor"] == detected["health_factor"] == "1.072500000000000000"
    assert raised["message"] == alert.message
    assert all(delivery.status is not DeliveryStatus.PENDING for delivery in told.deliveries)


async def test_an_all_clear_is_reproduced_too(world: World, alice: UserId) -> None:
    await world.live(1810)
    await world.live(2000)
    told = await _explained(world, SignalType.HEALTH_FACTOR_LOW, alice)
    assert [one.type for one in told.remade][-1] == "alert.resolved.v1"
    assert told.reproduced


async def test_the_rules_are_those_of_the_time_and_not_those_of_today(world: World, alice: UserId) -> None:
    await world.live(1810)
    await world.prefer(alice, low="1.2")
    told = await _explained(world, SignalType.HEALTH_FACTOR_LOW, alice)
    assert told.reproduced
    assert told.rules is not None
    assert str(told.rules.thresholds.health_factor_low) == "1.5"


async def test_the_second_move_of_a_price_is_measured_from_the_first(world: World, alice: UserId) -> None:
    await world.live(2300)
    await world.live(2000)
    moves = [alert for alert in await world.alerts() if alert.type is SignalType.PRICE_MOVE]
    mine = [alert for alert in moves if alert.user_id == alice]
    assert [alert.data["price_before"] for alert in mine] == ["2000", "2300"]
    for alert in mine:
        assert (await ExplainAlert(world.begin)(actor=alice, alert_id=alert.id)).reproduced


async def test_another_users_alert_is_not_found(world: World, alice: UserId) -> None:
    await world.live(1810)
    alert = await _alert(world, SignalType.HEALTH_FACTOR_LOW)
    stranger = await world.register(wallet(9))
    with pytest.raises(AlertNotFound):
        await ExplainAlert(world.begin)(actor=stranger, alert_id=alert.id)
    with pytest.raises(AlertNotFound):
        await ExplainAlert(world.begin)(actor=None, alert_id=AlertId(alice))


async def test_a_tampered_snapshot_is_named_and_reproduces_nothing(world: World, alice: UserId) -> None:
    await world.live(1810)
    rows = world.database.store.rows["positions"]
    for key, row in list(rows.items()):
        assert isinstance(row, StoredSnapshot)
        rows[key] = replace(row, observation=row.observation.replace(b'"WETH"', b'"WBTC"'))
    told = await _explained(world, SignalType.HEALTH_FACTOR_LOW, None)
    assert told.obstacle is not None
    assert "not those that the log covers" in told.obstacle
    assert not told.reproduced
    assert [one.remade for one in told.remade] == [None, None]
    assert not (await _explained(world, SignalType.HEALTH_FACTOR_LOW, alice)).reproduced


async def test_a_message_that_the_inputs_do_not_lead_to_is_not_reproduced(
    world: World, alice: UserId
) -> None:
    await world.live(1810)
    log = world.database.store.log
    index = next(index for index, one in enumerate(log) if one.type == "alert.raised.v1")
    log[index] = log[index]._replace(stored=log[index].stored.replace(b"below", b"above"))
    told = await _explained(world, SignalType.HEALTH_FACTOR_LOW, alice)
    assert [one.reproduced for one in told.remade] == [True, False]
