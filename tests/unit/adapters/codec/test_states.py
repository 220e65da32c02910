from dataclasses import replace
from typing import get_args

import pytest
from tests.examples import AT, LATER, detected, planned, proposed, raised, registered, user_id, wallet

from adapters.codec.states import UnreadableState, decode_state, encode_state
from application.audit.ports import State
from application.audit.replaying.fold import Kind
from application.audit.replaying.kinds import kind_of_state, owner_of
from domain.alerts.delivery import DeliveryStatus
from domain.identity.operator import Operator
from domain.intents.states import Intent, become
from domain.signals.signal import Signal

USER = registered("ada").state
ALERT = raised().state
STATES: list[State] = [
    USER.reach_by_email("ada@example.org", at=AT).state.delete(at=LATER).state,
    USER.link(wallet=wallet("another"), label="“Käpt'n” ✓", at=AT).state,
    Operator.appoint(user_id("ada"), at=AT).state.dismiss(at=LATER).state,
    Signal.detected(detected()).state,
    Signal.detected(detected(expires_at=LATER)).state.acknowledge(at=AT).state,
    ALERT.resolve(message="All is well.", at=LATER).state,
    planned(ALERT).state,
    replace(planned(ALERT).state, status=DeliveryStatus.DELIVERED, receipt={"id": "7"}, settled_at=LATER),
    *(become(state, proposed(), LATER) for state in get_args(Intent)),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert decode_state(encode_state(state)) == state
    assert type(decode_state(encode_state(state))) is type(state)
    assert kind_of_state(state) in set(Kind)
    assert owner_of(state) == user_id("ada")


def test_every_kind_of_state_is_tried() -> None:
    tried = {type(state).__name__ for state in STATES}
    assert {kind.__name__ for kind in get_args(State)} == tried


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '["User"]', '["User",{}]', '["Nobody",{}]', '["User",null]']
)
def test_what_is_no_state_is_not_read_as_one(text: str) -> None:
    with pytest.raises(UnreadableState):
        decode_state(text)


def test_a_field_too_many_is_not_overlooked() -> None:
    with pytest.raises(UnreadableState):
        decode_state(encode_state(USER).replace('"version"', '"verse":1,"version"'))
