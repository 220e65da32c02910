from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.alerts.raising import RaisingWork
from application.shared.ports import Begin, Recorded
from application.shared.reaction import follow
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.alerts.events import Purpose
from domain.alerts.messages import all_clear
from domain.alerts.policy import alert_for
from domain.signals.events import SignalCleared, SignalDetected


@dataclass(frozen=True, slots=True)
class RaiseAlerts:
    """Follow the log, ring when a signal calls for it, and sound the all-clear when its reason is gone.

    An alert and the first attempt on each channel are one commit: there is no moment at which an alert exists that
    nobody is going to deliver.
    """

    begin: Begin[RaisingWork]

    name: ClassVar[str] = "raise_alerts"
    follows: ClassVar[tuple[type, ...]] = (SignalDetected, SignalCleared)

    async def __call__(self) -> int:
        """React to the next facts and return how many there were."""
        return await follow(self.begin, self.name, self.follows, _react)


async def _react(work: RaisingWork, recorded: Recorded) -> None:
    match recorded.fact:
        case SignalDetected() as fact:
            rules = await work.rules.at(fact.user_id, fact.rule_version)
            raised = alert_for(fact, rules, await work.alerts.standing(fact.subject))
            if raised is not None:
                change = Alert.raised(raised)
                await work.alerts.record(change)
                await _plan(work, change.state, Purpose.ALARM, fact.at)
        case SignalCleared() as fact:
            alert = await work.alerts.of_signal(fact.signal_id)
            if alert is not None and alert.resolved_at is None:
                message = all_clear(alert.type, alert.subject, fact)
                await work.alerts.record(alert.resolve(message=message, at=fact.at))
                await _plan(work, alert, Purpose.ALL_CLEAR, fact.at)
        case _:
            pass


async def _plan(work: RaisingWork, alert: Alert, purpose: Purpose, at: datetime) -> None:
    for channel in alert.channels:
        planned = Delivery.plan(
            alert_id=alert.id,
            user_id=alert.user_id,
            channel=channel,
            purpose=purpose,
            attempt=1,
            due_at=at,
            at=at,
        )
        await work.deliveries.record(planned)
