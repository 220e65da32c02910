import pytest
from tests.contract.work import Work
from tests.examples import LATER

from adapters.memory.clock import ManualClock
from application.identity.appoint_operator import AppointOperator
from application.identity.dismiss_operator import DismissOperator
from application.identity.list_operators import ListOperators
from application.shared.ports import Begin, Clock
from domain.identity.errors import OperatorAlready, OperatorNoMore, UserGone
from domain.identity.events import OperatorAppointed, OperatorDismissed
from domain.identity.operator import Operator
from domain.shared.errors import NotFound
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


@pytest.fixture
def clock() -> Clock:
    return ManualClock()


async def test_an_operator_is_appointed_dismissed_and_appointed_again(
    begin: Begin[Work], people: People, clock: Clock
) -> None:
    ada, _ = people
    appoint, dismiss, standing = (
        AppointOperator(begin, clock),
        DismissOperator(begin, clock),
        ListOperators(begin),
    )
    assert await standing() == ()
    first = await appoint(user_id=ada)
    assert await standing() == (first,)
    with pytest.raises(OperatorAlready):
        await appoint(user_id=ada)
    assert not (await dismiss(user_id=ada)).stands
    assert await standing() == ()
    with pytest.raises(OperatorNoMore):
        await dismiss(user_id=ada)
    again = await appoint(user_id=ada)
    assert (again.id, again.version, again.stands) == (first.id, 3, True)
    async with begin(None) as work:
        history = [one.fact for one in await work.facts.of(first.id)]
    assert [type(fact) for fact in history] == [OperatorAppointed, OperatorDismissed, OperatorAppointed]


async def test_only_somebody_who_is_there_is_appointed(
    begin: Begin[Work], people: People, clock: Clock
) -> None:
    appoint, dismiss = AppointOperator(begin, clock), DismissOperator(begin, clock)
    with pytest.raises(NotFound):
        await appoint(user_id=UserId(Operator.id_of(people[0])))
    with pytest.raises(OperatorNoMore):
        await dismiss(user_id=people[0])
    async with begin(None) as work:
        await work.users.record((await work.users.get(people[0])).delete(at=LATER))
    with pytest.raises(UserGone):
        await appoint(user_id=people[0])


async def test_an_actor_sees_whether_they_are_an_operator_and_nobody_else(
    begin: Begin[Work], people: People, clock: Clock
) -> None:
    ada, bob = people
    operator = await AppointOperator(begin, clock)(user_id=ada)
    async with begin(ada) as work:
        assert await work.operators.get(ada) == operator
    async with begin(bob) as work:
        assert await work.operators.get(ada) is None
        assert await work.operators.standing() == []
