from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.audit.reading.diff_log import DiffLog
from application.audit.reading.diff_states import DiffStates
from application.audit.reading.flat import differing, flat
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.shared.errors import Invalid, NotFound


async def _last(world: World) -> Place:
    return Place(len(world.database.store.log))


async def test_what_changed_of_a_user_is_told_field_by_field_with_the_facts_that_did_it(world: World) -> None:
    user = await world.register(wallet(1), wallet(2))
    then = await _last(world)
    await world.unlink(user, wallet(2))
    await world.prefer(user, low="1.7")
    diff = await DiffStates(world.begin)(actor=user, kind=Kind.USER, id=user, since=then)
    assert {one.name: (one.before, one.after) for one in diff.changes} == {
        "preferences.alert_thresholds.health_factor_low": ("1.5", "1.7"),
        f"wallets[{wallet(2)}].address": (wallet(2), None),
        f"wallets[{wallet(2)}].label": ("", None),
        f"wallets[{wallet(2)}].linked_at": (diff.changes[-2].before, None),
        "version": ("3", "5"),
    }
    assert [one.type for one in diff.facts] == ["wallet.unlinked.v1", "preferences.changed.v1"]
    assert (diff.since, diff.until, diff.count) == (then, then + 2, 2)


async def test_what_was_not_there_before_is_all_new(world: World) -> None:
    user = await world.register(wallet(1))
    diff = await DiffStates(world.begin)(actor=None, kind=Kind.USER, id=user, since=Place(0))
    assert diff.before is None
    assert {one.before for one in diff.changes} == {None}
    with pytest.raises(NotFound):
        await DiffStates(world.begin)(actor=None, kind=Kind.ALERT, id=user, since=Place(0))
    with pytest.raises(Invalid, match="name the earlier moment first"):
        await DiffStates(world.begin)(actor=None, kind=Kind.USER, id=user, since=Place(2), until=Place(1))


async def test_between_times_means_after_the_first_and_up_to_the_second(world: World) -> None:
    user = await world.register(wallet(1))
    first = world.clock.now()
    for low in ("1.6", "1.7"):
        world.clock.advance(timedelta(hours=1))
        await world.prefer(user, low=low)
    diffs = DiffStates(world.begin)
    whole = await diffs(actor=None, kind=Kind.USER, id=user, since=first, until=world.clock.now())
    half = await diffs(actor=None, kind=Kind.USER, id=user, since=first, until=first + timedelta(minutes=90))
    assert [(one.before, one.after) for one in whole.changes] == [("1.5", "1.7"), ("2", "4")]
    assert [(one.before, one.after) for one in half.changes] == [("1.5", "1.6"), ("2", "3")]


async def test_every_state_that_changed_is_listed_page_by_page_and_counted_by_kind(world: World) -> None:
    alice = await world.register(wallet(1))
    await world.register(wallet(2))
    world.market.stakes = {wallet(1): (10, 10_000)}
    then = await _last(world)
    await world.live(1810)
    await world.prefer(alice, low="1.4")
    diffs = DiffLog(world.begin)
    whole = await diffs(actor=None, since=then)
    assert [(one.kind, one.states, one.new) for one in whole.kinds if one.facts] == [
        (Kind.USER, 1, 0),
        (Kind.SIGNAL, 1, 1),
        (Kind.ALERT, 1, 1),
        (Kind.DELIVERY, 1, 1),
    ]
    assert [one.kind for one in whole.changes] == [Kind.SIGNAL, Kind.ALERT, Kind.DELIVERY, Kind.USER]
    assert whole.more is None
    told = {field.name: (field.before, field.after) for field in whole.changes[-1].changes}
    assert told["preferences.alert_thresholds.health_factor_low"] == ("1.5", "1.4")
    pages, beyond = [], None
    while True:
        page = await diffs(actor=None, since=then, beyond=beyond, limit=3)
        pages.append(page.changes)
        beyond = page.more
        if beyond is None:
            break
    assert [len(page) for page in pages] == [3, 1]
    assert sum(pages, ()) == whole.changes
    only = await diffs(actor=None, since=then, kinds=[Kind.ALERT])
    assert [one.kind for one in only.changes] == [Kind.ALERT]


async def test_a_user_sees_their_own_changes_alone(world: World) -> None:
    await world.register(wallet(1))
    bob = await world.register(wallet(2))
    diff = await DiffLog(world.begin)(actor=bob, since=Place(0))
    assert [one.id for one in diff.changes] == [bob]


async def test_a_value_is_spelled_out_exactly(world: World) -> None:
    world.market.stakes = {wallet(1): (10, 10_000)}
    [position] = (await world.market.read([wallet(1)], await world.market.head())).positions
    told = flat(position)
    assert told["legs[0].reserve.price"] == "200000000000"
    assert told["account.health_factor.wad"] == "1650000000000000000"
    assert (told["emode"], told["legs[0].is_collateral"]) == (None, "yes")
    moved = replace(position, account=replace(position.account, total_debt=1))
    assert list(differing(told, flat(moved))) == [("account.total_debt", "1000000000000", "1")]
