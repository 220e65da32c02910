import pytest
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from application.positions.readers import ChainNotConfigured
from domain.positions.events import PositionsObserved
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import ChainId


async def _observe(world: World, *numbers: int) -> PositionsObserved | None:
    return await world.observes(chain_id=CHAIN, wallets=[wallet(number) for number in numbers])


async def test_what_was_seen_and_what_was_not_is_one_fact_and_a_snapshot_for_each_watcher(
    world: World,
) -> None:
    alice, bob = await world.register(wallet(1), wallet(3)), await world.register(wallet(2), wallet(3))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(3): (1, 0)}
    world.market.unread = {wallet(2): "The node gave up half-way."}
    fact = await _observe(world, 1, 2, 3)
    assert fact is not None
    assert fact.count == 4
    assert fact.unread == (Unread(wallet(2), "The node gave up half-way."),)
    async with world.begin(None) as work:
        snapshots = await work.positions.of_batch(fact)
        [recorded] = await work.facts.of(fact.batch_id)
    assert recorded.fact == fact
    seen = {(snapshot.user_id, snapshot.seen.wallet): type(snapshot.seen) for snapshot in snapshots}
    assert seen == {
        (alice, wallet(1)): LendingPosition,
        (alice, wallet(3)): LendingPosition,
        (bob, wallet(3)): LendingPosition,
        (bob, wallet(2)): Unread,
    }
    assert {snapshot.block for snapshot in snapshots} == {fact.block}


async def test_a_wallet_without_position_is_named_only_while_somebody_watches_it(world: World) -> None:
    await world.register(wallet(1))
    fact = await _observe(world, 1, 2)
    assert fact is not None
    assert fact.without_position == (wallet(1),)
    assert fact.count == 0


async def test_nothing_is_put_on_record_when_nobody_watches_any_of_the_wallets(world: World) -> None:
    world.market.stakes = {wallet(1): (1, 0)}
    assert await _observe(world, 1) is None
    assert world.database.store.log == []


async def test_a_wallet_unlinked_while_it_was_read_leaves_no_snapshot(world: World) -> None:
    alice = await world.register(wallet(1), wallet(2))
    world.market.stakes = {wallet(1): (1, 0), wallet(2): (1, 0)}
    await world.unlink(alice, wallet(2))
    fact = await _observe(world, 1, 2)
    assert fact is not None
    assert fact.count == 1


async def test_a_chain_that_is_not_configured_is_named(world: World) -> None:
    with pytest.raises(ChainNotConfigured, match="PLIMSOLL_CHAINS__10__RPC_URL"):
        await world.observes(chain_id=ChainId(10), wallets=[wallet(1)])
