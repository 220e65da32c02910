from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.examples import LATER, raised

from domain.alerts.alert import Alert, AlertChange, AlertStatus
from domain.alerts.errors import AlertOver
from domain.alerts.events import AlertEvent
from domain.identity.preferences import Channel
from domain.shared.errors import Invalid, PlimsollError


class AlertMachine(RuleBasedStateMachine):
    """Whatever becomes of an alert: history alone rebuilds it."""

    def __init__(self) -> None:
        super().__init__()
        change = raised()
        self.alert: Alert = change.state
        self.history: list[AlertEvent] = [*change.facts]

    @rule(channel=st.sampled_from(Channel))
    def sent(self, channel: Channel) -> None:
        self.take(lambda: self.alert.sent(channel=channel, at=LATER))

    @rule()
    def failed(self) -> None:
        self.take(lambda: self.alert.failed(at=LATER))

    @rule()
    def acknowledge(self) -> None:
        self.take(lambda: self.alert.acknowledge(at=LATER))

    @rule()
    def resolve(self) -> None:
        self.take(lambda: self.alert.resolve(message="All clear.", at=LATER))

    def take(self, decide: Callable[[], AlertChange]) -> None:
        seen = self.alert.acknowledged_at
        try:
            change = decide()
        except PlimsollError:
            return
        self.alert = change.state
        self.history += change.facts
        assert seen is None or self.alert.acknowledged_at == seen, "what was seen stays seen"

    @invariant()
    def history_alone_rebuilds_the_alert(self) -> None:
        assert Alert.folded(self.history) == self.alert
        assert self.alert.version == len(self.history)

    @invariant()
    def the_status_is_the_furthest_that_it_has_come(self) -> None:
        if self.alert.resolved_at is not None:
            assert self.alert.status is AlertStatus.RESOLVED
            assert self.alert.all_clear
        elif self.alert.acknowledged_at is not None:
            assert self.alert.status is AlertStatus.ACKNOWLEDGED
        elif self.alert.sent_at is not None:
            assert self.alert.status is AlertStatus.SENT

    @invariant()
    def it_is_wanted_until_somebody_looks_or_the_reason_is_gone(self) -> None:
        over = {AlertStatus.ACKNOWLEDGED, AlertStatus.RESOLVED}
        assert self.alert.wanted == (self.alert.status not in over)


TestAlertMachine = AlertMachine.TestCase
ALERT = raised().state


def test_the_first_channel_counts() -> None:
    sent = ALERT.sent(channel=Channel.EMAIL, at=LATER).state
    assert sent.sent(channel=Channel.TELEGRAM, at=LATER).facts == ()


def test_an_alert_that_failed_can_still_be_sent() -> None:
    failed = ALERT.failed(at=LATER).state
    assert failed.sent(channel=Channel.EMAIL, at=LATER).state.status is AlertStatus.SENT


def test_what_was_sent_has_not_failed() -> None:
    assert ALERT.sent(channel=Channel.EMAIL, at=LATER).state.failed(at=LATER).facts == ()


def test_seeing_an_alert_twice_changes_nothing() -> None:
    assert ALERT.acknowledge(at=LATER).state.acknowledge(at=LATER).facts == ()


def test_a_resolved_alert_asks_for_nothing_more() -> None:
    over = ALERT.resolve(message="All clear.", at=LATER).state
    with pytest.raises(AlertOver):
        over.acknowledge(at=LATER)
    with pytest.raises(AlertOver):
        over.resolve(message="All clear.", at=LATER)


def test_an_alarm_that_arrives_late_does_not_reopen_what_is_over() -> None:
    over = ALERT.resolve(message="All clear.", at=LATER).state
    late = over.sent(channel=Channel.EMAIL, at=LATER).state
    assert (late.status, late.sent_at) == (AlertStatus.RESOLVED, LATER)


def test_a_history_that_does_not_begin_at_the_beginning_is_refused() -> None:
    with pytest.raises(Invalid):
        Alert.folded(ALERT.acknowledge(at=LATER).facts)
