from collections.abc import Iterator

from application.audit.explaining import figures
from application.audit.explaining.evidence import Evidence
from application.audit.explaining.explanation import Figures, Step
from application.audit.reading.taken import Input
from application.shared.ports import Recorded
from domain.alerts.delivery import Delivery
from domain.alerts.events import (
    AlertAcknowledged,
    AlertFailed,
    AlertRaised,
    AlertResolved,
    AlertSent,
    DeliveryFailed,
    DeliveryPlanned,
    DeliverySucceeded,
    DeliveryUnconfirmed,
    DeliveryWithdrawn,
)
from domain.positions.events import PositionLiquidated
from domain.signals.events import SignalAcknowledged, SignalCleared, SignalDetected, SignalExpired


def story(evidence: Evidence) -> tuple[Step, ...]:
    """Tell an alert's story in order: what the user had asked for, what was seen, and everything that followed."""
    later = [
        _step(recorded, *told)
        for history in (evidence.signal_history, evidence.alert_history)
        for recorded in history
        if (told := _told(recorded)) is not None
    ]
    for delivery, history in zip(evidence.deliveries, evidence.delivery_histories, strict=True):
        later.extend(_step(recorded, *_attempt(delivery, recorded)) for recorded in history)
    return (*_before(evidence), *sorted(later, key=lambda step: step.place or 0))


def _before(evidence: Evidence) -> Iterator[Step]:
    if evidence.rules is not None and evidence.rules_fact is not None:
        what = "These were the user's rules."
        yield _step(evidence.rules_fact, what, figures.of_rules(evidence.rules))
    seen = evidence.input
    if isinstance(seen, Input):
        if isinstance(seen.seen, PositionLiquidated):
            what, found = "The market's log told of a liquidation.", figures.of_liquidation(seen.seen)
        else:
            what, found = "The wallet was read at one block.", figures.of_position(seen.seen)
        covered = (("source", evidence.signal.source), ("covered", _covered(seen)))
        yield Step(
            at=seen.at, place=seen.fact.place if seen.fact else None, what=what, figures=covered + found
        )


def _covered(seen: Input) -> str:
    if isinstance(seen.seen, PositionLiquidated):
        return "by the log itself"
    if seen.covered:
        return "by the batch's root, which was computed again and matches"
    return "by the batch's root, which covers other people's wallets too: a whole replay computes it again"


def _step(recorded: Recorded, what: str, found: Figures) -> Step:
    at = getattr(recorded.fact, "at", recorded.recorded_at)
    return Step(at=at, place=recorded.place, what=what, figures=found)


def _told(recorded: Recorded) -> tuple[str, Figures] | None:
    match recorded.fact:
        case SignalDetected() as fact:
            figures_of_it = (("signal", fact.signal_id), ("severity", fact.severity), *fact.data.items())
            return f"The signal {fact.type} was detected for {fact.asset}.", figures_of_it
        case SignalCleared() as fact:
            return "The signal cleared.", (("source", fact.source), *fact.data.items())
        case SignalExpired():
            return "The signal expired.", ()
        case SignalAcknowledged():
            return "The user marked the signal as seen.", ()
        case AlertRaised() as fact:
            told = (
                ("alert", fact.alert_id),
                ("message", fact.message),
                ("channels", ", ".join(fact.channels)),
            )
            return "The alert was raised.", told
        case AlertSent(channel=channel):
            return f"The alert counts as sent: {channel} took it.", ()
        case AlertFailed():
            return "The alert counts as failed: no channel took it.", ()
        case AlertAcknowledged():
            return "The user acknowledged the alert.", ()
        case AlertResolved(message=message):
            return "The alert was resolved.", (("message", message),)
        case _:
            return None


def _attempt(delivery: Delivery, recorded: Recorded) -> tuple[str, Figures]:
    name = f"attempt {delivery.attempt} of the {delivery.purpose.replace('_', '-')} by {delivery.channel}"
    match recorded.fact:
        case DeliveryPlanned(due_at=due_at):
            return f"Planned: {name}.", (("delivery", delivery.id), ("due_at", due_at.isoformat()))
        case DeliverySucceeded(receipt=receipt):
            return f"Delivered: {name}.", tuple(receipt.items())
        case DeliveryFailed(reason=reason):
            return f"Failed: {name}.", (("reason", reason),)
        case DeliveryUnconfirmed(reason=reason):
            return f"Unconfirmed: {name}.", (("reason", reason),)
        case DeliveryWithdrawn(reason=reason):
            return f"Withdrawn: {name}.", (("reason", reason),)
        case _:
            return f"{recorded.type}: {name}.", ()
