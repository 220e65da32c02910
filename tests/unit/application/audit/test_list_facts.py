from datetime import timedelta

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.audit.reading.fact_names import names_like
from application.audit.reading.list_facts import ListFacts
from application.shared.ports import Place
from domain.shared.errors import Invalid

NAMES = ("alert.raised.v1", "alert.raised.v2", "alert.sent.v1", "alerting.begun.v1", "user.deleted.v1")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("alert.raised.v1", ["alert.raised.v1"]),
        ("alert.raised", ["alert.raised.v1", "alert.raised.v2"]),
        ("alert.", ["alert.raised.v1", "alert.raised.v2", "alert.sent.v1"]),
        (" Alert ", ["alert.raised.v1", "alert.raised.v2", "alert.sent.v1"]),
    ],
)
def test_a_type_may_be_named_by_its_beginning(asked: str, meant: list[str]) -> None:
    assert list(names_like([asked], NAMES)) == meant
    assert names_like([asked, asked], NAMES) == tuple(meant)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("alert.rased", "the nearest are alert.raised"),
        ("usr", "the nearest are user"),
        ("zzzz", "they begin with alert., alerting., user."),
        ("", "they begin with"),
        ("alert.ra", "the nearest are alert.raised"),
    ],
)
def test_a_type_that_there_is_not_is_answered_with_the_nearest(asked: str, said: str) -> None:
    with pytest.raises(Invalid, match="There is no type of fact called") as refusal:
        names_like([asked], NAMES)
    assert said in str(refusal.value)


async def test_facts_are_listed_from_a_time_to_a_time_and_both_belong_to_it(world: World) -> None:
    times = []
    for number in range(1, 4):
        times.append(world.clock.now())
        await world.register(wallet(number))
        world.clock.advance(timedelta(hours=1))
    lists = ListFacts(world.begin)

    async def places(**criteria: object) -> list[int]:
        return [one.place for one in await lists(actor=None, limit=100, **criteria)]  # type: ignore[arg-type]

    assert await places(since=times[1], until=times[1]) == [3, 4]
    assert await places(since=times[1] + timedelta(seconds=1)) == [5, 6]
    assert await places(until=times[0] - timedelta(seconds=1)) == []
    assert await places(since=Place(2), until=Place(4)) == [2, 3, 4]
    assert await places(since=Place(2), until=Place(4), reverse=True) == [4, 3, 2]
    assert await places(after=Place(4)) == [5, 6]
    assert await places(after=Place(4), reverse=True) == [3, 2, 1]
    assert await places(after=Place(4), until=Place(2), reverse=True) == [2, 1]
    assert await places(after=Place(1), reverse=True) == []
    assert await places(types=["wallet."]) == [2, 4, 6]
