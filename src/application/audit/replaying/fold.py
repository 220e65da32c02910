from collections.abc import Iterable
from enum import StrEnum
from typing import get_args

from application.audit.ports import State
from application.shared.ports import Recorded
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.events import AlertEvent, AlertRaised, DeliveryEvent, DeliveryPlanned
from domain.identity.events import (
    OperatorAppointed,
    OperatorDismissed,
    OperatorEvent,
    OperatorLooked,
    UserEvent,
    UserRegistered,
)
from domain.identity.operator import Operator
from domain.identity.user import User
from domain.intents import lifecycle
from domain.intents.events import IntentEvent, IntentProposed
from domain.intents.states import Intent, Proposed
from domain.shared.errors import Conflict
from domain.signals.events import SignalDetected, SignalEvent
from domain.signals.signal import Signal


class Kind(StrEnum):
    """What has a state that is a fold of its facts."""

    USER = "user"
    SIGNAL = "signal"
    ALERT = "alert"
    DELIVERY = "delivery"
    INTENT = "intent"
    OPERATOR = "operator"


class HistoryBroken(Conflict):
    """A stream holds a fact that cannot follow the ones before it."""

    def __init__(self, recorded: Recorded, reason: str) -> None:
        super().__init__(
            f"The history {recorded.stream} is broken at {recorded.type}, place {recorded.place}: {reason}."
        )


_KINDS: dict[type, Kind] = {
    fact: kind
    for kind, facts in (
        (Kind.USER, UserEvent),
        (Kind.SIGNAL, SignalEvent),
        (Kind.ALERT, AlertEvent),
        (Kind.DELIVERY, DeliveryEvent),
        (Kind.INTENT, IntentEvent),
        (Kind.OPERATOR, OperatorEvent),
    )
    for fact in get_args(facts)
    if fact is not OperatorLooked  # which changes nothing
}


def kind_of(fact: object) -> Kind | None:
    """Say which kind of state the fact belongs to; None for facts that nothing is folded from."""
    return kind_of_type(type(fact))


def kind_of_type(fact: type) -> Kind | None:
    """Say which kind of state facts of this class belong to; None for those that nothing is folded from."""
    return _KINDS.get(fact)


def following(state: State | None, recorded: Recorded) -> State:
    """Return the state as the next fact of its stream left it; raises HistoryBroken when it cannot be the next."""
    after = _born(recorded.fact) if state is None else _evolved(state, recorded.fact)
    if after is None:
        reason = "no history begins with it" if state is None else "it cannot follow the fact before it"
        raise HistoryBroken(recorded, reason)
    if after.version != recorded.version:
        raise HistoryBroken(recorded, f"it is number {recorded.version}, where number {after.version} is due")
    if after.id != recorded.stream:
        raise HistoryBroken(recorded, f"it tells of {after.id}")
    return after


def folded(history: Iterable[Recorded]) -> State | None:
    """Rebuild a state from its stream; None without history, and raises HistoryBroken."""
    state: State | None = None
    for recorded in history:
        state = following(state, recorded)
    return state


def _born(fact: object) -> State | None:
    match fact:
        case UserRegistered():
            return User.born(fact)
        case SignalDetected():
            return Signal.born(fact)
        case AlertRaised():
            return Alert.born(fact)
        case DeliveryPlanned():
            return Delivery.born(fact)
        case IntentProposed():
            return Proposed.born(fact)
        case OperatorAppointed():
            return Operator.born(fact)
        case _:
            return None


def _evolved(state: State, fact: object) -> State | None:
    if isinstance(state, Operator) and isinstance(fact, OperatorAppointed | OperatorDismissed):
        return state.after(fact)  # who was dismissed may be appointed again
    if _born(fact) is not None:
        return None
    if isinstance(state, User) and isinstance(fact, UserEvent):
        return state.after(fact)
    if isinstance(state, Signal) and isinstance(fact, SignalEvent):
        return state.after(fact)
    if isinstance(state, Alert) and isinstance(fact, AlertEvent):
        return state.after(fact)
    if isinstance(state, Delivery) and isinstance(fact, DeliveryEvent):
        return state.after(fact)
    if isinstance(state, Intent) and isinstance(fact, IntentEvent):
        return lifecycle.after(state, fact)
    return None
