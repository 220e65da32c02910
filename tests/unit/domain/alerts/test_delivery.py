from collections.abc import Callable

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.examples import AT, LATER, planned, raised

from domain.alerts.delivery import Delivery, DeliveryChange, DeliveryStatus
from domain.alerts.errors import DeliverySettled
from domain.alerts.events import DeliveryEvent, Purpose
from domain.identity.preferences import Channel
from domain.shared.errors import Invalid, PlimsollError

ALERT = raised().state


class DeliveryMachine(RuleBasedStateMachine):
    """Whatever becomes of an attempt: it has one outcome, and history alone rebuilds it."""

    def __init__(self) -> None:
        super().__init__()
        change = planned(ALERT)
        self.delivery: Delivery = change.state
        self.history: list[DeliveryEvent] = [*change.facts]

    @rule()
    def succeed(self) -> None:
        self.take(lambda: self.delivery.succeed(receipt={"id": "7"}, at=LATER))

    @rule()
    def fail(self) -> None:
        self.take(lambda: self.delivery.fail(reason="No.", at=LATER))

    @rule()
    def lose(self) -> None:
        self.take(lambda: self.delivery.lose(reason="No answer.", at=LATER))

    @rule()
    def withdraw(self) -> None:
        self.take(lambda: self.delivery.withdraw(reason="Seen.", at=LATER))

    def take(self, decide: Callable[[], DeliveryChange]) -> None:
        settled = self.delivery.status is not DeliveryStatus.PENDING
        try:
            change = decide()
        except PlimsollError:
            assert settled
            return
        assert not settled
        self.delivery = change.state
        self.history += change.facts

    @invariant()
    def history_alone_rebuilds_the_delivery(self) -> None:
        assert Delivery.folded(self.history) == self.delivery
        assert self.delivery.version == len(self.history)

    @invariant()
    def it_is_settled_when_it_has_an_outcome(self) -> None:
        pending = self.delivery.status is DeliveryStatus.PENDING
        assert (self.delivery.settled_at is None) == pending
        assert (self.delivery.receipt is not None) == (self.delivery.status is DeliveryStatus.DELIVERED)


TestDeliveryMachine = DeliveryMachine.TestCase


def test_an_attempt_has_one_outcome() -> None:
    delivered = planned(ALERT).state.succeed(receipt={}, at=LATER).state
    with pytest.raises(DeliverySettled):
        delivered.lose(reason="No answer.", at=LATER)


def test_the_id_follows_from_what_the_attempt_is() -> None:
    assert planned(ALERT, due_at=AT).state.id == planned(ALERT, due_at=LATER).state.id
    others = {
        planned(ALERT).state.id,
        planned(ALERT, attempt=2).state.id,
        planned(ALERT, channel=Channel.EMAIL).state.id,
        planned(ALERT, purpose=Purpose.ALL_CLEAR).state.id,
        planned(raised(number=2).state).state.id,
    }
    assert len(others) == 5


def test_a_history_that_does_not_begin_at_the_beginning_is_refused() -> None:
    with pytest.raises(Invalid):
        Delivery.folded(planned(ALERT).state.fail(reason="No.", at=LATER).facts)
