from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TypeAlias, TypeVar
from uuid import UUID

from application.audit.fold import folded
from application.audit.ports import AuditWork
from application.shared.ports import Recorded
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.errors import AlertNotFound
from domain.alerts.events import Purpose
from domain.identity.events import PreferencesChanged, UserRegistered
from domain.identity.user import User
from domain.positions.errors import Tampered
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.positions.position import LendingPosition
from domain.shared.errors import Conflict
from domain.shared.ids import AlertId, DeliveryId, PositionId, UserId, derived
from domain.signals.rules import Rules
from domain.signals.signal import Signal

PAGE = 200

History: TypeAlias = Sequence[Recorded]
StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Input:
    """What a signal was taken from: the fact, where the asker may see it, and what it says of the wallet."""

    fact: Recorded | None
    seen: LendingPosition | PositionLiquidated
    at: datetime
    covered: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Why an input cannot be laid before the asker, in a sentence."""

    reason: str


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
    stream, _, version = signal.source.rpartition("@")
    try:
        history = await work.facts.of(UUID(stream))
    except ValueError:
        return Missing(f"The signal's source {signal.source!r} names no fact.")
    source = next((one for one in history if str(one.version) == version), None)
    fact = source.fact if source is not None else None
    if source is not None and isinstance(fact, PositionLiquidated):
        return Input(source, fact, fact.at, covered=True)
    if (
        actor is not None
    ):  # a batch shows other people's wallets too: its fact and its root are not the user's to see
        return await _own_row(work, actor, signal, UUID(stream))
    if source is None or not isinstance(fact, PositionsObserved):
        return Missing(f"The log does not hold the fact {signal.source} that the signal was taken from.")
    try:
        snapshots = await work.positions.of_batch(fact)
    except Tampered as tampered:
        return Missing(str(tampered))
    for snapshot in snapshots:
        seen, mine = snapshot.seen, snapshot.user_id == signal.user_id
        if mine and isinstance(seen, LendingPosition) and seen.wallet == signal.subject.wallet:
            return Input(source, seen, fact.at, covered=True)
    return Missing(f"The batch {stream} holds no position of the signal's wallet.")


async def _own_row(work: AuditWork, actor: UserId, signal: Signal, batch: UUID) -> Input | Missing:
    try:
        moment = datetime.fromisoformat(signal.data["block_time"])
    except (KeyError, ValueError):
        return Missing("The signal does not say at what block time the wallet was read.")
    before: PositionId | None = None
    while True:
        page = await work.positions.history(
            actor, wallet=signal.subject.wallet, since=moment, until=moment, before=before, limit=PAGE
        )
        for snapshot in page:
            if snapshot.batch_id == batch and isinstance(snapshot.seen, LendingPosition):
                return Input(None, snapshot.seen, signal.detected_at, covered=False)
        if len(page) < PAGE:
            return Missing(f"There is no snapshot of the signal's wallet in batch {batch}.")
        before = page[-1].id
