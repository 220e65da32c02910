"""What was archived is travelled to as if it were still in the database."""

from contextlib import AbstractAsyncContextManager

import pytest
from tests.contract.work import Work
from tests.integration.archive.shelf import Shelf
from tests.integration.postgres.partitions import use_small_partitions
from tests.unit.application.audit.test_explain_intent import terms
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explain_intent import ExplainIntent
from application.audit.reading.diff_log import DiffLog
from application.audit.reading.position_as_of import PositionAsOf, PositionThen
from application.intents.register_intent import RegisterIntent
from application.shared.ports import Place
from domain.shared.ids import UserId


@pytest.fixture
async def world(shelf: Shelf) -> World:
    use_small_partitions(shelf.admin_url, 10)

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return shelf.database.begin(None) if actor is None else shelf.served.begin(actor)

    return World(begin, shelf.clock)


async def test_positions_alerts_and_differences_are_the_same_before_and_after(
    shelf: Shelf, world: World
) -> None:
    alice = await world.register(wallet(1))
    await world.register(wallet(2))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 100)}
    await world.live()
    registers = RegisterIntent(world.begin, world.clock, world.ids, [CHAIN])
    intent = await registers(actor=alice, terms=terms(world, wallet(1)))
    await world.live(1810)
    del world.market.stakes[wallet(1)]
    for _ in range(25):
        await world.observe()
    world.market.stakes[wallet(1)] = (3, 100)
    await world.observe()
    [alert] = await world.alerts()
    async with world.begin(None) as work:
        last = await work.facts.last()

    async def answers(actor: UserId | None) -> list[object]:
        found: list[object] = []
        for place in (5, 8, 16, 20, 30, last):
            [then] = await PositionAsOf(world.begin)(actor=actor, wallet=wallet(1), moment=Place(place))
            found.append(told(then, exactly=actor is None))
        found.append(await DiffLog(world.begin)(actor=actor, since=Place(4), until=Place(20)))
        found.append((await ExplainAlert(world.begin)(actor=actor, alert_id=alert.id)).reproduced)
        found.append((await ExplainIntent(world.begin)(actor=actor, intent_id=intent.id)).reproduced)
        return found

    before = [await answers(actor) for actor in (None, alice)]
    await shelf.seal()
    assert len(await shelf.archive()) >= 3
    for actor, then in zip((None, alice), before, strict=True):
        for number, (one, other) in enumerate(zip(await answers(actor), then, strict=True)):
            assert one == other, (actor, number)


def told(then: PositionThen, *, exactly: bool) -> object:
    """A user cannot see where in an archive somebody else's batch stands, nor that it missed their wallet."""
    seen = then.sighting
    if exactly:
        return then.position, then.unknown, then.left, then.covered, seen.place
    return seen.seen, then.unknown, then.covered
