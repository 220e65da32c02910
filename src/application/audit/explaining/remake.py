from collections.abc import Callable, Iterator
from datetime import datetime

from application.audit.explaining.evidence import Evidence, History
from application.audit.explaining.explanation import Remade
from application.audit.reading.taken import Input
from domain.alerts.events import AlertRaised, AlertResolved
from domain.alerts.messages import all_clear
from domain.alerts.policy import alert_for
from domain.identity.preferences import SignalType
from domain.positions.events import PositionLiquidated
from domain.positions.position import LendingPosition
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.ids import UserId
from domain.signals.detectors.catalogue import detect
from domain.signals.detectors.liquidation import position_liquidated
from domain.signals.detectors.sight import Finding, Sight
from domain.signals.events import SignalCleared, SignalDetected
from domain.signals.rules import Rules
from domain.signals.subject import Subject
from domain.signals.watch import PriceReference, Watch


def remade(evidence: Evidence, written: Callable[[object], bytes]) -> Iterator[Remade]:
    """Make each decision behind the alert again from its inputs alone, and lay it beside the recorded one."""
    signal = _signal(evidence)
    yield from _beside(evidence.signal_history, SignalDetected, signal, written)
    raised = None
    if signal is not None and evidence.rules is not None:
        raised = alert_for(signal, evidence.rules, ())
    yield from _beside(evidence.alert_history, AlertRaised, raised, written)
    yield from _beside(evidence.alert_history, AlertResolved, _resolved(evidence), written)


def _beside(
    history: History, type: type, fact: object | None, written: Callable[[object], bytes]
) -> Iterator[Remade]:
    for recorded in history:
        if isinstance(recorded.fact, type):
            again = None if fact is None else written(fact)
            yield Remade(type=recorded.type, recorded=recorded.stored, remade=again)


def _signal(evidence: Evidence) -> SignalDetected | None:
    told, rules = evidence.signal, evidence.rules
    if rules is None or not isinstance(evidence.input, Input):
        return None
    found = (
        finding
        for finding in _findings(evidence, evidence.input, rules)
        if isinstance(finding, SignalDetected) and finding.signal_id == told.id
    )
    return next(found, None)


def _findings(evidence: Evidence, input: Input, rules: Rules) -> tuple[Finding, ...]:
    told = evidence.signal
    if isinstance(input.seen, PositionLiquidated):
        return position_liquidated(_subject(input.seen), input.seen, rules, told.source)
    subject = Subject.of(told.user_id, input.seen)
    sight = Sight(position=input.seen, rules=rules, source=told.source, at=input.at)
    try:
        watch = _memory(evidence, subject, input.seen)
    except (KeyError, ValueError):
        return ()
    return detect(watch, sight)[1]


def _subject(fact: PositionLiquidated) -> Subject:
    told = fact.liquidation
    return Subject(
        user_id=UserId(fact.user_id),
        wallet=told.wallet,
        chain_id=told.chain_id,
        protocol=told.protocol,
        market=told.market,
    )


def _memory(evidence: Evidence, subject: Subject, seen: LendingPosition) -> Watch:
    """Remember what the detectors must have remembered: no standing episode, and the price that the signal names."""
    watch, told = Watch(subject=subject), evidence.signal
    if told.type is SignalType.PRICE_MOVE:
        before = _base_units(told.data["price_before"])
        since = datetime.fromisoformat(told.data["since"])
        for leg in seen.legs:
            if leg.reserve.symbol == told.asset:
                watch = watch.measuring_from(PriceReference(leg.reserve.asset, before, since))
    return watch


def _base_units(price: str) -> int:
    whole, _, fraction = price.partition(".")
    return int(whole + fraction.ljust(BASE_DECIMALS, "0"))


def _resolved(evidence: Evidence) -> AlertResolved | None:
    alert = evidence.alert
    for recorded in evidence.signal_history:
        if isinstance(recorded.fact, SignalCleared):
            return AlertResolved(
                alert_id=alert.id,
                user_id=alert.user_id,
                message=all_clear(alert.type, alert.subject, recorded.fact),
                at=recorded.fact.at,
            )
    return None
