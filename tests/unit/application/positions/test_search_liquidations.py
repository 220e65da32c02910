import asyncio

from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from domain.positions.events import PositionLiquidated


async def _found(world: World) -> list[PositionLiquidated]:
    return [one.fact for one in world.database.store.log if isinstance(one.fact, PositionLiquidated)]


async def test_the_first_search_begins_at_the_newest_block(world: World) -> None:
    await world.register(wallet(1))
    world.market.liquidate(wallet(1))
    assert await world.searches(chain_id=CHAIN) == 0
    assert await _found(world) == []


async def test_each_user_who_watches_the_wallet_is_told_once(world: World) -> None:
    alice, bob = await world.register(wallet(1), wallet(3)), await world.register(wallet(2), wallet(3))
    await world.searches(chain_id=CHAIN)
    liquidation = world.market.liquidate(wallet(3))
    world.market.liquidate(wallet(99))
    assert await world.searches(chain_id=CHAIN) == 1
    assert await world.searches(chain_id=CHAIN) == 0
    found = await _found(world)
    assert {one.user_id for one in found} == {alice, bob}
    assert {one.liquidation for one in found} == {liquidation}


async def test_the_search_goes_on_where_the_last_one_ended(world: World) -> None:
    await world.register(wallet(1))
    await world.searches(chain_id=CHAIN)
    for _ in range(3):
        world.market.liquidate(wallet(1))
        assert await world.searches(chain_id=CHAIN) == 1
    assert len(await _found(world)) == 3


async def test_of_two_searches_at_once_one_tells(world: World) -> None:
    await world.register(wallet(1))
    await world.searches(chain_id=CHAIN)
    world.market.liquidate(wallet(1))
    told = await asyncio.gather(*(world.searches(chain_id=CHAIN) for _ in range(4)))
    assert sorted(told) == [0, 0, 0, 1]
    assert len(await _found(world)) == 1


async def test_a_head_that_went_back_is_not_searched(world: World) -> None:
    await world.register(wallet(1))
    await world.searches(chain_id=CHAIN)
    world.market.number -= 10
    assert await world.searches(chain_id=CHAIN) == 0
