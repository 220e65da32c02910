import pytest
from tests.contract.work import Work
from tests.examples import detected, planned, proposed, raised

from application.audit.ports import State
from application.shared.ports import Begin
from domain.intents.states import Proposed
from domain.shared.errors import Invalid
from domain.shared.ids import UserId
from domain.signals.signal import Signal

People = tuple[UserId, UserId]


async def test_every_kind_of_state_is_read_page_by_page(begin: Begin[Work], people: People) -> None:
    expected: dict[str, list[State]] = {"signal": [], "alert": [], "delivery": [], "intent": [], "user": []}
    async with begin(None) as work:
        for name in ("ada", "bob"):
            for number in range(3):
                signal = Signal.detected(detected(name, number=number))
                alert = raised(name, number=number)
                delivery = planned(alert.state)
                one = proposed(name, number=number)
                intent = Proposed.by(one.user_id, id=one.id, terms=one.terms, at=one.proposed_at)
                await work.signals.record(signal)
                await work.alerts.record(alert)
                await work.deliveries.record(delivery)
                await work.intents.record(intent)
                expected["signal"].append(signal.state)
                expected["alert"].append(alert.state)
                expected["delivery"].append(delivery.state)
                expected["intent"].append(intent.state)
        expected["user"] = [await work.users.get(user_id) for user_id in people]
    async with begin(None) as work:
        for kind, states in expected.items():
            found: list[State] = []
            while page := await work.states.page(kind, after=found[-1].id if found else None, limit=2):
                found += page
            assert found == sorted(states, key=lambda state: state.id)


async def test_an_actor_reads_their_own_states(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        assert [user.id for user in await work.states.page("user", after=None, limit=9)] == [people[0]]


async def test_a_kind_that_is_none_is_refused(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        with pytest.raises(Invalid, match="no kind of state called 'secret'"):
            await work.states.page("secret", after=None, limit=9)
