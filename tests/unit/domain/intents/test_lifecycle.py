from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.examples import AT, LATER, proposed

from domain.intents import lifecycle
from domain.intents.errors import IntentNotCancellable
from domain.intents.events import IntentEvent, IntentProposed
from domain.intents.states import (
    Armed,
    Cancelled,
    Expired,
    Failed,
    Intent,
    IntentChange,
    Proposed,
    Settled,
    Submitted,
    Triggered,
    Unconfirmed,
)
from domain.shared.errors import Invalid, PlimsollError

DONE = (Settled, Failed, Expired, Cancelled)


class IntentMachine(RuleBasedStateMachine):
    """Whatever becomes of an intent: each state allows what its type allows, and history alone rebuilds it."""

    def __init__(self) -> None:
        super().__init__()
        one = proposed()
        change = Proposed.by(one.user_id, id=one.id, terms=one.terms, at=AT)
        self.intent: Intent = change.state
        self.history: list[IntentEvent] = [*change.facts]

    @rule(chance=st.booleans())
    def go_on(self, chance: bool) -> None:
        change: IntentChange
        match self.intent:
            case Proposed() as intent:
                change = intent.arm(at=LATER)
            case Armed() as intent:
                expiry = intent.terms.expires_at
                change = intent.trigger(source="x@1", at=LATER) if chance else intent.expire(at=expiry)
            case Triggered() as intent:
                if chance:
                    change = intent.submit(transaction_hash="0x1", at=LATER)
                else:
                    change = intent.fail(reason="No.", at=LATER)
            case Submitted() as intent:
                if chance:
                    change = intent.lose(reason="No answer.", at=LATER)
                else:
                    change = intent.settle(block_hash="0x2", at=LATER)
            case Unconfirmed() as intent:
                if chance:
                    change = intent.settle(block_hash="0x2", at=LATER)
                else:
                    change = intent.fail(reason="Replaced.", at=LATER)
            case _:
                return
        self.take(change)

    @rule()
    def cancel(self) -> None:
        try:
            change = lifecycle.cancelled(self.intent, at=LATER)
        except PlimsollError:
            assert not isinstance(self.intent, Proposed | Armed | Cancelled)
            return
        assert isinstance(change.state, Cancelled)
        self.take(change)

    def take(self, change: IntentChange) -> None:
        assert not isinstance(self.intent, DONE) or not change.facts, "what is over changes no more"
        self.intent = change.state
        self.history += change.facts

    @invariant()
    def history_alone_rebuilds_the_intent(self) -> None:
        rebuilt = lifecycle.folded(self.history)
        assert rebuilt == self.intent
        assert type(rebuilt) is type(self.intent)
        assert self.intent.version == len(self.history)

    @invariant()
    def the_terms_never_change(self) -> None:
        assert self.intent.terms == proposed().terms


TestIntentMachine = IntentMachine.TestCase


def test_cancelling_twice_changes_nothing() -> None:
    gone = lifecycle.cancelled(proposed(), at=LATER).state
    assert lifecycle.cancelled(gone, at=LATER).facts == ()


def test_what_is_under_way_is_not_cancelled() -> None:
    armed = proposed().arm(at=LATER).state
    with pytest.raises(IntentNotCancellable, match="is triggered and cannot be cancelled"):
        lifecycle.cancelled(armed.trigger(source="x@1", at=LATER).state, at=LATER)


def test_an_intent_does_not_expire_before_its_date() -> None:
    with pytest.raises(Invalid):
        proposed().arm(at=LATER).state.expire(at=LATER)


def test_every_fact_leads_to_a_state() -> None:
    facts = {fact for fact in get_args(IntentEvent) if fact is not IntentProposed}
    assert facts == set(lifecycle._LEADS_TO)
    assert {Proposed, *lifecycle._LEADS_TO.values()} == set(get_args(Intent))


def test_every_state_has_a_name_of_its_own() -> None:
    assert len({state.status for state in get_args(Intent)}) == len(get_args(Intent))


def test_a_history_that_does_not_begin_at_the_beginning_is_refused() -> None:
    with pytest.raises(Invalid):
        lifecycle.folded(proposed().arm(at=LATER).facts)
