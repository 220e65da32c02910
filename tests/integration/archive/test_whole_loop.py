from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from tests.contract.work import Work
from tests.integration.archive.shelf import Shelf
from tests.integration.audit.test_on_postgres import _whole_loop
from tests.integration.postgres.partitions import use_small_partitions
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.postgres.replaying.scratch import PostgresScratch
from adapters.scratch.reactions import ScratchReactions
from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.shared.ids import UserId


@pytest.fixture
def world(shelf: Shelf) -> World:
    """The main loop on a log of many small partitions."""
    use_small_partitions(shelf.admin_url, 20)

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return shelf.database.begin(None) if actor is None else shelf.served.begin(actor)

    return World(begin, shelf.clock, PostgresScratch(shelf.database, ScratchReactions))


async def test_archived_decisions_replay_and_are_explained_and_states_travel_in_time(
    world: World, shelf: Shelf
) -> None:
    users = await _whole_loop(world)
    await shelf.seal()
    before = await told(world, users)
    assert await shelf.archive()
    async with shelf.database.begin(None) as work:
        last, cut = await work.facts.last(), await work.archived.cut()
    assert cut > last / 2
    assert await told(world, users) == before

    report = await world.replay()
    assert report.differences == ()
    assert report.facts == last
    assert report.decisions > 30
    assert (await shelf.verify()).untouched

    await world.live(1200)  # the loop goes on where the archive ends
    assert (await world.replay()).differences == ()


async def told(world: World, users: tuple[UserId, UserId]) -> list[Any]:
    """Return everything that auditors and users are told of the alerts and of the users, then and now."""
    found: list[Any] = []
    for alert in await world.alerts():
        found += [
            await ExplainAlert(world.begin)(actor=actor, alert_id=alert.id) for actor in (None, alert.user_id)
        ]
        assert found[-1].reproduced
        found.append(await StateAsOf(world.begin)(actor=alert.user_id, kind=Kind.ALERT, id=alert.id))
    for user in users:
        for place in (3, 30, 100):
            async with world.begin(None) as work:
                found.append(await work.facts.of(user, until=Place(place)))
    async with world.begin(None) as work:
        last = await work.facts.last()
        for until in (last // 3, last):
            found += [await work.sightings.newest(wallet(1), until=Place(until))]
            for one in found[-1]:
                found.append(await work.sightings.left(one, until=Place(until)))
    return found
