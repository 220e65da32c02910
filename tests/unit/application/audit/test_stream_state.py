import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.memory.stream_snapshots import StoredSnapshot
from application.audit.ports import StreamSnapshot
from application.audit.reading import stream_state
from application.audit.reading.stream_state import state_at
from application.audit.replaying.fold import Kind, folded
from application.shared.ports import Place
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.errors import PlimsollError
from domain.shared.ids import UserId

STEPS = ("conservative", "aggressive", "telegram", "no telegram", "email", "no email", "link", "unlink")
COPIED = "stream_snapshots"


@given(steps=st.lists(st.sampled_from(STEPS), max_size=30), asked=st.lists(st.integers(1, 40), max_size=8))
@settings(max_examples=25, deadline=None)
def test_with_and_without_snapshots_the_state_is_the_same_at_every_position(
    steps: list[str], asked: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_state, "SPACING", 2)
        asyncio.run(_compare(steps, asked))


async def _compare(steps: list[str], asked: list[int]) -> None:
    world = World()
    user = await world.register(wallet(1))
    for number, step in enumerate(steps):
        world.clock.advance(timedelta(seconds=1))
        await _take(world, user, step, number)
    last = len(world.database.store.log)
    for place in (*asked, last, *range(last + 1)):
        until = Place(min(place, last))
        async with world.begin(None) as work:
            truth = folded(await work.facts.of(user, until=until))
            assert await state_at(work, None, Kind.USER, user, until=until) == truth
            assert await state_at(work, None, Kind.ALERT, user, until=until) is None
    if last > 5:
        assert world.database.store.rows[COPIED]


async def _take(world: World, user_id: UserId, step: str, number: int) -> None:
    at = world.clock.now()
    async with world.begin(user_id) as work:
        user: User = await work.users.get(user_id)
        try:
            match step:
                case "conservative" | "aggressive":
                    change = user.prefer(Preferences.of(RiskProfile(step)), at=at)
                case "telegram" | "no telegram":
                    change = user.reach_by_telegram(None if step[0] == "n" else str(number), at=at)
                case "email" | "no email":
                    change = user.reach_by_email(None if step[0] == "n" else f"{number}@example.org", at=at)
                case "link":
                    change = user.link(wallet=wallet(100 + number), label=f"number {number}", at=at)
                case _:
                    change = user.unlink(wallet=user.wallets[-1].address, at=at)
        except PlimsollError:
            return
        await work.users.record(change)


async def test_a_snapshot_that_somebody_made_up_is_not_believed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_state, "SPACING", 2)
    user = await world.register(wallet(1), wallet(2), wallet(3), telegram="42")
    last = Place(len(world.database.store.log))
    async with world.begin(None) as work:
        truth = await state_at(work, None, Kind.USER, user, until=last)
    rows: dict[Any, Any] = world.database.store.rows[COPIED]
    [(key, row)] = rows.items()
    assert isinstance(row, StoredSnapshot)
    rows[key] = StoredSnapshot(
        stream=row.stream,
        version=row.version - 1,
        code=row.code,
        place=Place(row.place - 1),
        user_id=row.user_id,
        state=row.state,
    )
    async with world.begin(None) as work:
        assert await state_at(work, None, Kind.USER, user, until=last) == truth


async def test_a_snapshot_that_contradicts_the_log_is_left_alone(world: World) -> None:
    user = await world.register(wallet(1), wallet(2), wallet(3), telegram="42")
    last = Place(len(world.database.store.log))
    async with world.begin(None) as work:
        early = await state_at(work, None, Kind.USER, user, until=Place(1))
        assert early is not None
        await work.snapshots.keep(StreamSnapshot(early, Place(last - 1)))
    async with world.begin(None) as work:
        known = await work.snapshots.newest(user, until=last)
        assert known == StreamSnapshot(early, Place(last - 1))
        state = await state_at(work, None, Kind.USER, user, until=last)
        assert state == folded(await work.facts.of(user))
