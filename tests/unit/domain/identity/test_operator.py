from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import AT, user_id

from application.audit.replaying.fold import folded
from application.shared.ports import Place, Recorded
from domain.identity.errors import OperatorAlready, OperatorNoMore
from domain.identity.operator import Operator, OperatorChange


@given(st.lists(st.booleans(), max_size=12))
def test_whatever_becomes_of_an_operator_history_alone_rebuilds_them(appointing: list[bool]) -> None:
    change = Operator.appoint(user_id("ada"), at=AT)
    history = [*change.facts]
    for number, appoint in enumerate(appointing, start=1):
        if appoint is change.state.stands:
            with pytest.raises(OperatorAlready if appoint else OperatorNoMore):
                turned(change.state, appoint, number)
            continue
        change = turned(change.state, appoint, number)
        history += change.facts
        assert change.state.stands is appoint
    recorded = [
        Recorded(
            place=Place(version),
            stream=change.state.id,
            version=version,
            type="",
            user_id=change.state.user_id,
            fact=fact,
            stored=b"",
            recorded_at=AT,
        )
        for version, fact in enumerate(history, start=1)
    ]
    assert folded(recorded) == change.state


def test_the_appointment_of_a_user_has_one_id() -> None:
    assert Operator.id_of(user_id("ada")) == Operator.appoint(user_id("ada"), at=AT).state.id
    assert Operator.id_of(user_id("ada")) != Operator.id_of(user_id("bob"))


def turned(operator: Operator, appoint: bool, number: int) -> OperatorChange:
    at = AT + timedelta(minutes=number)
    return operator.appoint_again(at=at) if appoint else operator.dismiss(at=at)
