from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.examples import AT, LATER, detected

from domain.shared.errors import Invalid, PlimsollError
from domain.signals.errors import SignalNotActive
from domain.signals.events import Severity, SignalCleared, SignalEvent
from domain.signals.signal import Signal, SignalChange, SignalStatus


def cleared(signal: Signal) -> SignalCleared:
    return SignalCleared(
        signal_id=signal.id, user_id=signal.user_id, data={"health_factor": "2"}, source="x@1", at=LATER
    )


class SignalMachine(RuleBasedStateMachine):
    """Whatever becomes of a signal: history alone rebuilds it."""

    signal: Signal
    history: list[SignalEvent]

    @initialize(expires_after=st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)))
    def detect(self, expires_after: timedelta | None) -> None:
        change = Signal.detected(detected(expires_at=None if expires_after is None else AT + expires_after))
        self.signal, self.history = change.state, [*change.facts]

    @rule()
    def clear(self) -> None:
        self.take(lambda: self.signal.clear(cleared(self.signal)))

    @rule(after=st.timedeltas(timedelta(0), timedelta(hours=4)))
    def expire(self, after: timedelta) -> None:
        self.take(lambda: self.signal.expire(at=AT + after))

    @rule()
    def acknowledge(self) -> None:
        self.take(lambda: self.signal.acknowledge(at=LATER))

    def take(self, decide: Callable[[], SignalChange]) -> None:
        over = self.signal.status is SignalStatus.EXPIRED
        try:
            change = decide()
        except PlimsollError:
            return
        assert not over, "a signal that is over changes no more"
        self.signal = change.state
        self.history += change.facts

    @invariant()
    def history_alone_rebuilds_the_signal(self) -> None:
        assert Signal.folded(self.history) == self.signal
        assert self.signal.version == len(self.history)

    @invariant()
    def it_has_ended_when_it_reads_as_expired(self) -> None:
        assert (self.signal.ended_at is not None) == (self.signal.status is SignalStatus.EXPIRED)


TestSignalMachine = SignalMachine.TestCase
SIGNAL = Signal.detected(detected(expires_at=AT + timedelta(hours=1))).state


def test_a_signal_does_not_expire_before_its_moment() -> None:
    with pytest.raises(Invalid):
        SIGNAL.expire(at=AT + timedelta(minutes=59))
    with pytest.raises(Invalid):
        Signal.detected(detected()).state.expire(at=AT + timedelta(days=999))
    assert SIGNAL.expire(at=AT + timedelta(hours=1)).state.status is SignalStatus.EXPIRED


def test_seeing_a_signal_twice_changes_nothing() -> None:
    seen = SIGNAL.acknowledge(at=LATER).state
    assert seen.acknowledge(at=LATER).facts == ()


def test_a_signal_that_was_seen_can_still_clear() -> None:
    seen = SIGNAL.acknowledge(at=LATER).state
    assert seen.clear(cleared(seen)).state.status is SignalStatus.EXPIRED


def test_a_signal_that_is_over_stays_over() -> None:
    over = SIGNAL.clear(cleared(SIGNAL)).state
    with pytest.raises(SignalNotActive):
        over.acknowledge(at=LATER)
    with pytest.raises(SignalNotActive):
        over.clear(cleared(over))


def test_severities_are_ordered() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == list(Severity)


def test_a_history_that_does_not_begin_at_the_beginning_is_refused() -> None:
    with pytest.raises(Invalid):
        Signal.folded([cleared(SIGNAL)])
