from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from tests.contract.work import Work
from tests.examples import AT, raised, user_id

from adapters.system.ids import SystemIds
from application.audit.reading.fact_search import FactFilter
from application.shared.correlation import correlation
from application.shared.ports import Begin, Place
from domain.alerts.events import AlertAcknowledged
from domain.shared.ids import Id, UserId

People = tuple[UserId, UserId]
IDS = SystemIds()


@pytest.fixture
async def causes(begin: Begin[Work], people: People) -> Sequence[Id]:
    """Behind the four facts of two accounts: three alerts raised for one cause, and two seen for another."""
    first, second = IDS.new(), IDS.new()
    alerts = [raised(name, number=number) for name, number in (("ada", 1), ("bob", 1), ("ada", 2))]
    for cause, facts in ((first, [one.facts for one in alerts]), (second, [(), *([()] * 2)])):
        token = correlation.set(cause)
        async with begin(None) as work:
            for number, alert in enumerate(alerts):
                state = alert.state
                seen = AlertAcknowledged(alert_id=state.id, user_id=state.user_id, at=AT)
                told = facts[number] or ((seen,) if number else ())
                work.facts.append(state.id, 0 if facts[number] else 1, told)
        correlation.reset(token)
    return first, second


async def places(
    opened: AbstractAsyncContextManager[Work],
    wanted: FactFilter,
    *,
    limit: int = 100,
    reverse: bool = False,
) -> list[int]:
    async with opened as work:
        return [one.place for one in await work.search.find(wanted, limit=limit, reverse=reverse)]


@pytest.mark.usefixtures("causes")
async def test_facts_are_found_by_what_is_said_of_them(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        alert = (await work.search.find(FactFilter(after=Place(4)), limit=1))[0].stream
    ada = FactFilter(user=user_id("ada"), names=("alert.raised.v1", "alert.acknowledged.v1"))
    assert await places(begin(None), FactFilter()) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert await places(begin(None), ada) == [5, 7, 9]
    assert await places(begin(None), ada, reverse=True, limit=2) == [9, 7]
    assert await places(begin(None), FactFilter(stream=alert)) == [5]
    assert await places(begin(None), FactFilter(after=Place(2), until=Place(4))) == [3, 4]
    assert await places(begin(None), FactFilter(until=Place(0))) == []
    assert await places(begin(None), FactFilter(until=Place(-1))) == []
    assert await places(begin(None), FactFilter(), limit=2) == [1, 2]


async def test_facts_are_found_by_their_cause(begin: Begin[Work], causes: Sequence[Id]) -> None:
    first, second = causes
    assert await places(begin(None), FactFilter(correlation=first)) == [5, 6, 7]
    assert await places(begin(None), FactFilter(correlation=IDS.new())) == []
    async with begin(None) as work:
        found = await work.search.find(FactFilter(after=Place(4)), limit=9)
    assert [one.correlation_id for one in found] == [first] * 3 + [second] * 2
    assert [one.type for one in found] == ["alert.raised.v1"] * 3 + ["alert.acknowledged.v1"] * 2


@pytest.mark.usefixtures("causes")
async def test_an_actor_finds_their_own_facts(begin: Begin[Work]) -> None:
    bob = user_id("bob")
    assert await places(begin(bob), FactFilter(after=Place(4))) == [6, 8]
    assert await places(begin(bob), FactFilter(user=user_id("ada"))) == []


@pytest.mark.usefixtures("causes")
async def test_facts_are_counted_with_their_streams(begin: Begin[Work]) -> None:
    wanted = FactFilter(after=Place(5))
    async with begin(None) as work:
        count = await work.search.count(wanted)
        first, second = await work.search.touched(wanted, beyond=Place(0), limit=9)
        page = await work.search.touched(wanted, beyond=first.first, limit=9)
        assert await work.search.touched(wanted, beyond=second.first, limit=9) == []
        assert await work.search.touched(wanted, beyond=Place(0), limit=1) == [first]
    assert (count.facts, count.streams, count.begun) == (4, 2, 2)
    assert (first.facts, first.first, first.last) == (2, 6, 8)
    assert (first.first_name, first.first_version) == ("alert.raised.v1", 1)
    assert page == [second]


async def test_every_stored_name_is_known_with_its_class(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        assert work.search.names["alert.acknowledged.v1"] is AlertAcknowledged
