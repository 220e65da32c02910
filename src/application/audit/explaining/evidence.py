from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TypeAlias, TypeVar

from application.audit.ports import AuditWork
from application.audit.reading.taken import Input, Missing, Taken, input_of
from application.audit.replaying.fold import folded
from application.shared.ports import Recorded
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.errors import AlertNotFound
from domain.alerts.events import Purpose
from domain.identity.events import PreferencesChanged, UserRegistered
from domain.identity.user import User
from domain.shared.errors import Conflict
from domain.shared.ids import AlertId, DeliveryId, UserId, derived
from domain.signals.rules import Rules
from domain.signals.signal import Signal

History: TypeAlias = Sequence[Recorded]
StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything on record that bears on one alert."""

    alert: Alert
    alert_history: History
    signal: Signal
    signal_history: History
    input: Input | Missing
    rules: Rules | None
    rules_fact: Recorded | None
    deliveries: tuple[Delivery, ...]
    delivery_histories: tuple[History, ...]


async def gather(work: AuditWork, actor: UserId | None, alert_id: AlertId) -> Evidence:
    """Collect an alert's evidence from the log; raises AlertNotFound, and HistoryBroken for a log that contradicts."""
    alert_history = await work.facts.of(alert_id)
    alert = _whole(alert_history, Alert)
    if alert is None or actor not in {None, alert.user_id}:
        raise AlertNotFound(alert_id)
    signal_history = await work.facts.of(alert.signal_id)
    signal = _whole(signal_history, Signal)
    if signal is None:
        raise Conflict(
            f"The log tells of alert {alert_id}, but not of the signal {alert.signal_id} behind it."
        )
    rules, rules_fact = await _rules(work, signal)
    histories = await _deliveries(work, alert)
    return Evidence(
        alert=alert,
        alert_history=alert_history,
        signal=signal,
        signal_history=signal_history,
        input=await _input(work, actor, signal),
        rules=rules,
        rules_fact=rules_fact,
        deliveries=tuple(one for history in histories if (one := _whole(history, Delivery)) is not None),
        delivery_histories=histories,
    )


def _whole(history: History, wanted: type[StateT]) -> StateT | None:
    state = folded(history)
    return state if isinstance(state, wanted) else None


async def _rules(work: AuditWork, signal: Signal) -> tuple[Rules | None, Recorded | None]:
    history = [one for one in await work.facts.of(signal.user_id) if one.version <= signal.rule_version]
    user = _whole(history, User)
    said = [one for one in history if isinstance(one.fact, UserRegistered | PreferencesChanged)]
    if user is None or not said:
        return None, None
    return Rules.of(user.id, user.preferences, said[-1].version), said[-1]


async def _deliveries(work: AuditWork, alert: Alert) -> tuple[History, ...]:
    found: list[History] = []
    for purpose in Purpose:
        for channel in alert.channels:
            for attempt in count(1):
                attempted = DeliveryId(derived("delivery", alert.id, channel, purpose, attempt))
                history = await work.facts.of(attempted)
                if not history:
                    break
                found.append(history)
    return tuple(found)


async def _input(work: AuditWork, actor: UserId | None, signal: Signal) -> Input | Missing:
    moment = signal.data.get("block_time")
    try:
        seen_at = None if moment is None else datetime.fromisoformat(moment)
    except ValueError:
        return Missing("The signal does not say at what block time the wallet was read.")
    taken = Taken(signal.source, signal.user_id, signal.subject.wallet, signal.detected_at, seen_at)
    return await input_of(work, actor, taken)
