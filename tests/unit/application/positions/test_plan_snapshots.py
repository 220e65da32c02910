from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.positions.plan_snapshots import CHUNK, PlanSnapshots


async def test_a_wallet_that_several_users_watch_is_planned_once(world: World) -> None:
    await world.register(wallet(1), wallet(3))
    await world.register(wallet(2), wallet(3))
    assert await PlanSnapshots(world.begin)() == ((wallet(1), wallet(2), wallet(3)),)


async def test_nothing_is_planned_when_nothing_is_watched(world: World) -> None:
    user = await world.register(wallet(1))
    await world.delete(user)
    assert await PlanSnapshots(world.begin)() == ()


async def test_many_wallets_are_split_into_chunks_that_stay_the_same(world: World) -> None:
    for first in range(1, 701, 100):
        await world.register(*(wallet(first + offset) for offset in range(100)))
    plan = await PlanSnapshots(world.begin)()
    assert [len(chunk) for chunk in plan] == [CHUNK, 200]
    assert [one for chunk in plan for one in chunk] == [wallet(number) for number in range(1, 701)]
    assert plan == await PlanSnapshots(world.begin)()
