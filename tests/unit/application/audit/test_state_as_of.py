from datetime import timedelta

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.audit.reading.list_facts import ListFacts
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.alerts.alert import Alert, AlertStatus
from domain.identity.user import User
from domain.shared.errors import Invalid, NotFound


async def test_an_alert_is_shown_as_it_stood_at_each_place_and_moment(world: World) -> None:
    user = await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.live(1810)
    raised_at = world.clock.now()
    await world.live(1990)
    [alert] = await world.alerts()
    shows = StateAsOf(world.begin)
    history = [one.place for one in world.database.store.log if one.stream == alert.id]
    statuses = []
    for place in history:
        state = await shows(actor=user, kind=Kind.ALERT, id=alert.id, place=place)
        assert isinstance(state, Alert)
        statuses.append(state.status)
    assert statuses == [AlertStatus.PENDING, AlertStatus.SENT, AlertStatus.RESOLVED]
    then = await shows(actor=None, kind=Kind.ALERT, id=alert.id, at=raised_at)
    assert isinstance(then, Alert)
    assert then.status is AlertStatus.SENT
    assert await shows(actor=None, kind=Kind.ALERT, id=alert.id) == alert


async def test_what_was_not_there_yet_is_not_found(world: World) -> None:
    before = world.clock.now()
    world.clock.advance(timedelta(hours=1))
    user = await world.register(wallet(1))
    shows = StateAsOf(world.begin)
    with pytest.raises(NotFound, match="There is no user"):
        await shows(actor=None, kind=Kind.USER, id=user, at=before)
    with pytest.raises(NotFound, match="There is no user"):
        await shows(actor=None, kind=Kind.USER, id=user, place=Place(0))
    with pytest.raises(NotFound, match="There is no alert"):
        await shows(actor=None, kind=Kind.ALERT, id=user)


async def test_another_users_state_is_not_found(world: World) -> None:
    alice, bob = await world.register(wallet(1)), await world.register(wallet(2))
    with pytest.raises(NotFound):
        await StateAsOf(world.begin)(actor=bob, kind=Kind.USER, id=alice)
    mine = await StateAsOf(world.begin)(actor=bob, kind=Kind.USER, id=bob)
    assert isinstance(mine, User)


async def test_a_place_and_a_moment_at_once_are_refused(world: World) -> None:
    user = await world.register(wallet(1))
    with pytest.raises(Invalid, match="not both"):
        await StateAsOf(world.begin)(
            actor=None, kind=Kind.USER, id=user, place=Place(1), at=world.clock.now()
        )


async def test_a_user_lists_their_own_facts_and_an_auditor_all(world: World) -> None:
    alice, _ = await world.register(wallet(1)), await world.register(wallet(2))
    await world.observe()
    lists = ListFacts(world.begin)
    assert {one.user_id for one in await lists(actor=alice, after=Place(0), limit=100)} == {alice}
    everything = await lists(actor=None, after=Place(0), limit=100)
    assert [one.place for one in everything] == list(range(1, 6))
    assert await lists(actor=None, after=Place(2), limit=2) == everything[2:4]
