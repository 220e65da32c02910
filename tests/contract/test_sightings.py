import pytest
from tests.contract.work import Work
from tests.unit.application.market import CHAIN, POOL, wallet
from tests.unit.application.world import World

from application.audit.reading.position_as_of import PositionAsOf, PositionThen
from application.shared.ports import Begin, Place
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import Address, ChainId
from domain.shared.errors import NotFound
from domain.shared.ids import UserId


@pytest.fixture
def world(begin: Begin[Work]) -> World:
    return World(begin)


async def _last(world: World) -> Place:
    async with world.begin(None) as work:
        return await work.facts.last()


async def _history(world: World) -> tuple[UserId, dict[str, Place]]:
    """A wallet that is there, then unread, then gone, then back; and where the log stood after each."""
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (5, 10)}
    user = await world.register(wallet(1))
    other = await world.register(wallet(2))
    assert other != user
    places = {"registered": await _last(world)}
    for name in ("there", "unread", "gone", "back"):
        if name == "unread":
            world.market.unread = {wallet(1): "The oracle did not answer."}
        if name == "gone":
            world.market.unread = {}
            del world.market.stakes[wallet(1)]
        if name == "back":
            world.market.stakes[wallet(1)] = (3, 100)
        await world.observe()
        places[name] = await _last(world)
    return user, places


@pytest.mark.parametrize("theirs", [True, False], ids=["to its user", "to an auditor"])
async def test_a_position_is_shown_as_the_log_knew_it_then(world: World, theirs: bool) -> None:
    user, places = await _history(world)
    shows = PositionAsOf(world.begin)

    async def then(name: str) -> PositionThen:
        [found] = await shows(actor=user if theirs else None, wallet=wallet(1), moment=places[name])
        return found

    with pytest.raises(NotFound, match="had seen no position"):
        await then("registered")
    there, unread, gone, back = [await then(name) for name in ("there", "unread", "gone", "back")]
    assert isinstance(there.sighting.seen, LendingPosition)
    assert (there.position, there.unknown, there.left) == (there.sighting.seen, None, None)
    assert (there.sighting.chain_id, there.sighting.market) == (CHAIN, POOL)
    assert (unread.position, unread.unknown) == (None, "The oracle did not answer.")
    assert isinstance(unread.sighting.seen, Unread)
    assert (gone.position, gone.unknown, gone.left) == (None, None, places["gone"])
    assert gone.sighting.place == places["unread"]
    assert back.position is not None
    assert back.position.legs[0].supplied == 3 * 10**18
    assert {one.covered for one in (there, unread, gone, back)} == {not theirs}
    assert await shows(actor=None, wallet=wallet(1)) == await shows(
        actor=None, wallet=wallet(1), moment=places["back"]
    )


async def test_a_stranger_learns_nothing(world: World) -> None:
    user, _ = await _history(world)
    stranger = await world.register(wallet(9))
    shows = PositionAsOf(world.begin)
    with pytest.raises(NotFound):
        await shows(actor=stranger, wallet=wallet(1))
    [seen] = await shows(actor=user, wallet=wallet(1), moment=Place(6))
    async with world.begin(stranger) as work:
        assert await work.sightings.left(seen.sighting, until=Place(99)) is None


async def test_a_position_can_be_asked_for_on_one_chain_and_market(world: World) -> None:
    await _history(world)
    shows = PositionAsOf(world.begin)
    assert len(await shows(actor=None, wallet=wallet(1), chain_id=CHAIN, market=POOL)) == 1
    with pytest.raises(NotFound):
        await shows(actor=None, wallet=wallet(1), chain_id=ChainId(5))
    with pytest.raises(NotFound):
        await shows(actor=None, wallet=wallet(1), market=Address("0x" + "12" * 20))
