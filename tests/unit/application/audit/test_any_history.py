import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from domain.identity.preferences import SignalType
from domain.shared.ids import UserId

Act = Callable[[World, list[UserId]], Awaitable[object]]

WALLETS = [wallet(number) for number in range(1, 5)]
SHARED = WALLETS[3]
MINUTES = st.sampled_from([1, 5, 600, 60 * 24])


def _observe(dollars: int, minutes: int) -> Act:
    return lambda world, users: world.observe(dollars, minutes=minutes)


def _stake(index: int, supplied: int, owed: int) -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        if supplied:
            world.market.stakes[WALLETS[index]] = (supplied, owed)
        else:
            world.market.stakes.pop(WALLETS[index], None)

    return act


def _lose_sight(index: int) -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        if world.market.unread.pop(WALLETS[index], None) is None:
            world.market.unread[WALLETS[index]] = "The node gave up half-way."

    return act


def _prefer(index: int, low: str, active: tuple[SignalType, ...]) -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        if index < len(users):
            await world.prefer(users[index], low=low, active=active)

    return act


def _unlink(index: int) -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        if index < len(users):
            async with world.begin(None) as work:
                linked = {one.address for one in (await work.users.get(users[index])).wallets}
            if SHARED in linked:
                await world.unlink(users[index], SHARED)

    return act


def _leave() -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        if len(users) > 1:
            await world.delete(users.pop())

    return act


def _liquidate(index: int) -> Act:
    async def act(world: World, users: list[UserId]) -> None:
        world.market.liquidate(WALLETS[index])
        await world.searches(chain_id=CHAIN)

    return act


def _always(method: Callable[[World], Awaitable[object]]) -> Act:
    return lambda world, users: method(world)


three = st.integers(0, 2)
actives = st.lists(st.sampled_from(list(SignalType)), unique=True).map(tuple)
acts = st.one_of(
    st.builds(_observe, st.integers(500, 4000), MINUTES),
    st.builds(_observe, st.sampled_from([1000, 1390, 1400, 1500, 2000]), MINUTES),
    st.builds(_stake, st.integers(0, 3), st.integers(0, 20), st.integers(0, 15_000)),
    st.builds(_lose_sight, st.integers(0, 3)),
    st.builds(_prefer, three, st.sampled_from(["1.2", "1.5", "3"]), actives),
    st.builds(_unlink, three),
    st.builds(_leave),
    st.builds(_liquidate, st.integers(0, 3)),
    st.just(_always(World.react)),
    st.just(_always(lambda world: world.detects())),
    st.just(_always(World.deliver)),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, max_size=40))
def test_whatever_happens_the_log_replays_identically(chosen: list[Act]) -> None:
    asyncio.run(_live_and_replay(chosen))


async def _live_and_replay(chosen: list[Act]) -> None:
    world = World()
    users = [await world.register(WALLETS[index], SHARED) for index in range(3)]
    world.market.stakes = {one: (10, 9_000 + 500 * index) for index, one in enumerate(WALLETS)}
    await world.searches(chain_id=CHAIN)
    for act in chosen:
        await act(world, users)
    behind = await world.replay()
    assert behind.differences == ()
    await world.react()
    caught_up = await world.replay()
    assert behind.followed is not None
    assert caught_up.followed is not None
    assert behind.followed <= caught_up.followed
    assert caught_up.differences == ()
    assert caught_up.pending == 0
    assert caught_up.decisions == behind.decisions + behind.pending
    async with world.begin(None) as work:
        assert caught_up.facts == await work.facts.last()
