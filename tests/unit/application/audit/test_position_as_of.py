from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.memory.positions import StoredSnapshot
from application.audit.reading.diff_positions import DiffPositions
from application.audit.reading.position_as_of import PositionAsOf
from domain.shared.errors import Invalid, NotFound


@pytest.fixture
async def world(world: World) -> World:
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.register(wallet(1))
    await world.observe()
    return world


async def test_rows_that_the_log_does_not_cover_are_unknown_with_the_reason(world: World) -> None:
    rows = world.database.store.rows["positions"]
    for key, row in list(rows.items()):
        assert isinstance(row, StoredSnapshot)
        rows[key] = replace(row, observation=row.observation.replace(b"10000000000", b"10000000001"))
    [then] = await PositionAsOf(world.begin)(actor=None, wallet=wallet(1))
    assert (then.position, then.status, then.covered) == (None, "unknown", False)
    assert "not those that the log covers" in str(then.unknown)


async def test_a_position_is_shown_as_of_a_time(world: World) -> None:
    noon = world.clock.now()
    world.market.stakes = {wallet(1): (10, 5_000)}
    await world.observe()
    shows = PositionAsOf(world.begin)
    [then] = await shows(actor=None, wallet=wallet(1), moment=noon + timedelta(minutes=1))
    [now] = await shows(actor=None, wallet=wallet(1))
    assert [one.position and one.position.legs[1].variable_debt for one in (then, now)] == [
        10_000 * 10**6,
        5_000 * 10**6,
    ]
    with pytest.raises(NotFound):
        await shows(actor=None, wallet=wallet(1), moment=noon - timedelta(hours=1))


async def test_what_changed_of_a_position_is_told_figure_by_figure(world: World) -> None:
    noon = world.clock.now()
    world.market.stakes = {}
    await world.observe()
    [diff] = await DiffPositions(world.begin)(actor=None, wallet=wallet(1), since=noon)
    told = {one.name: (one.before, one.after) for one in diff.changes}
    assert told["status"] == ("known", "gone")
    assert told["legs[1].variable_debt"] == ("10000000000", None)
    assert not [name for name in told if name.startswith("block.")]
    with pytest.raises(Invalid, match="name the earlier moment first"):
        await DiffPositions(world.begin)(
            actor=None, wallet=wallet(1), since=world.clock.now(), until=noon - timedelta(days=1)
        )
