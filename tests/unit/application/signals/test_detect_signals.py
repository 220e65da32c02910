from datetime import timedelta

from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from application.signals.acknowledge_signal import AcknowledgeSignal
from application.signals.expire_signals import ExpireSignals
from domain.identity.preferences import SignalType
from domain.signals.events import SignalCleared
from domain.signals.signal import SignalStatus

LOW, CRITICAL = SignalType.HEALTH_FACTOR_LOW, SignalType.HEALTH_FACTOR_CRITICAL
MOVE, LIQUIDATED = SignalType.PRICE_MOVE, SignalType.POSITION_LIQUIDATED


async def _types(world: World) -> list[SignalType]:
    return [signal.type for signal in await world.signals()]


async def _look(world: World, dollars: int) -> None:
    await world.observe(dollars)
    await world.react()


def _cleared(world: World) -> list[SignalCleared]:
    return [one.fact for one in world.database.store.log if isinstance(one.fact, SignalCleared)]


async def test_a_fall_is_found_once_however_long_it_lasts(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    for dollars in (1950, 1810, 1820, 1805, 1830):
        await _look(world, dollars)
    assert await _types(world) == [LOW]
    assert _cleared(world) == []


async def test_hovering_at_the_threshold_rings_once_and_clears_above_the_margin(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    for dollars in (1850, 1817, 1819, 1817, 1820, 1816):  # 1.5 is at 1818.2, the all-clear at 1854.5
        await _look(world, dollars)
    assert await _types(world) == [LOW]
    await _look(world, 1856)
    assert len(_cleared(world)) == 1
    await _look(world, 1817)
    assert await _types(world) == [LOW, LOW]


async def test_the_graver_signal_is_found_first(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 2000)
    await _look(world, 1300)
    assert await _types(world) == [CRITICAL, LOW, MOVE]


async def test_a_wallet_that_left_the_market_clears(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 1300)
    world.market.stakes.clear()
    await _look(world, 1300)
    assert {signal.status for signal in await world.signals()} == {SignalStatus.EXPIRED}
    assert all("nothing is supplied" in cleared.data["reason"] for cleared in _cleared(world))


async def test_an_unread_wallet_neither_rings_nor_clears(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 1300)
    world.market.unread = {wallet(1): "The node gave up half-way."}
    await _look(world, 1100)
    assert await _types(world) == [CRITICAL, LOW]
    assert _cleared(world) == []


async def test_unlinking_the_wallet_clears_what_stood_for_it_alone(world: World) -> None:
    alice = await world.register(wallet(1), wallet(2))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 10_000)}
    await _look(world, 1810)
    await world.unlink(alice, wallet(2))
    await world.react()
    left = [signal.subject.wallet for signal in await world.signals() if signal.status is SignalStatus.ACTIVE]
    assert left == [wallet(1)]


async def test_a_user_who_leaves_is_told_nothing_more(world: World) -> None:
    alice = await world.register(wallet(1))
    bob = await world.register(wallet(2), wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 1810)
    await world.delete(alice)
    await _look(world, 1300)
    signals = await world.signals()
    assert [signal.type for signal in signals if signal.user_id == alice] == [LOW]
    assert [signal.type for signal in signals if signal.user_id == bob] == [LOW, CRITICAL, MOVE]


async def test_two_users_of_one_wallet_are_told_by_their_own_rules(world: World) -> None:
    alice, bob = await world.register(wallet(1), wallet(3)), await world.register(wallet(2), wallet(3))
    await world.prefer(bob, low="1.2")
    world.market.stakes = {wallet(3): (10, 10_000)}
    await _look(world, 1810)
    assert [signal.user_id for signal in await world.signals()] == [alice]
    await _look(world, 1440)
    told = {(signal.user_id, signal.type) for signal in await world.signals()}
    assert told == {(alice, LOW), (alice, MOVE), (bob, LOW), (bob, MOVE)}


async def test_a_signal_that_is_switched_off_ends_at_the_next_look(world: World) -> None:
    alice = await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await _look(world, 1810)
    await world.prefer(alice, active=[CRITICAL])
    await _look(world, 1810)
    assert [cleared.data["reason"] for cleared in _cleared(world)] == ["switched_off"]


async def test_a_liquidation_is_a_signal_for_each_watcher_who_wants_it(world: World) -> None:
    alice, bob = await world.register(wallet(1), wallet(3)), await world.register(wallet(2), wallet(3))
    await world.prefer(bob, active=[LOW])
    await world.searches(chain_id=CHAIN)
    world.market.liquidate(wallet(3))
    await world.searches(chain_id=CHAIN)
    await world.react()
    assert [(signal.user_id, signal.type) for signal in await world.signals()] == [(alice, LIQUIDATED)]


async def test_a_signal_of_a_moment_expires_seen_or_not(world: World) -> None:
    alice = await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 1_000)}
    await _look(world, 2000)
    await _look(world, 2300)
    await _look(world, 2000)
    first, _ = await world.signals()
    await AcknowledgeSignal(world.begin, world.clock)(actor=alice, signal_id=first.id)
    expires = ExpireSignals(world.begin, world.clock)
    assert await expires() == 0
    world.clock.advance(timedelta(hours=25))
    assert await expires() == 2
    assert {signal.status for signal in await world.signals()} == {SignalStatus.EXPIRED}


async def test_a_fact_has_its_effect_once_however_often_it_is_looked_for(world: World) -> None:
    await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.observe(1810)
    assert await world.detects() == 2
    before = len(world.database.store.log)
    assert await world.detects() == 0
    assert len(world.database.store.log) == before


async def test_while_another_worker_is_at_it_nothing_is_done(world: World) -> None:
    await world.register(wallet(1))
    async with world.begin(None) as work:
        await work.checkpoints.hold("detect_signals")
        assert await world.detects() == 0
    assert await world.detects() == 1
