import pytest
from tests.contract.work import Work
from tests.examples import rules, user_id

from application.shared.ports import Begin
from domain.identity.preferences import RiskProfile
from domain.shared.errors import NotFound
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


async def test_the_version_stored_last_is_in_force(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.rules.put(rules("ada", 1))
        await work.rules.put(newer := rules("ada", 4, RiskProfile.CONSERVATIVE))
        await work.rules.put(bobs := rules("bob", 2))
    async with begin(None) as work:
        known = await work.rules.newest([*people, user_id("nobody")])
        assert known == {people[0]: newer, people[1]: bobs}
        assert await work.rules.newest([]) == {}


async def test_rules_are_read_as_of_a_version(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        for version in (2, 5):
            await work.rules.put(rules("ada", version))
        assert await work.rules.at(people[0], 2) == rules("ada", 2)
        assert await work.rules.at(people[0], 4) == rules("ada", 2)
        assert await work.rules.at(people[0], 9) == rules("ada", 5)
        with pytest.raises(NotFound):
            await work.rules.at(people[0], 1)


async def test_a_version_never_changes(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.rules.put(rules("ada", 1))
        await work.rules.put(rules("ada", 1, RiskProfile.AGGRESSIVE))
        assert await work.rules.at(people[0], 1) == rules("ada", 1)


async def test_dropped_rules_stay_readable(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.rules.put(rules("ada", 1))
        await work.rules.drop(people[0])
        await work.rules.drop(people[1])
    async with begin(None) as work:
        assert await work.rules.newest(people) == {}
        assert await work.rules.at(people[0], 1) == rules("ada", 1)


async def test_a_user_reads_nobody_elses_rules(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.rules.put(rules("ada", 1))
    async with begin(people[1]) as work:
        assert await work.rules.newest(people) == {}
        with pytest.raises(NotFound):
            await work.rules.at(people[0], 1)
    async with begin(people[0]) as work:
        assert await work.rules.newest(people) == {people[0]: rules("ada", 1)}
