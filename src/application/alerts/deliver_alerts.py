from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from application.alerts.ports import (
    AlertsWork,
    Claim,
    Lost,
    Message,
    Notifier,
    Outcome,
    Refused,
    Taken,
)
from application.shared.ports import Begin, Clock
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery, DeliveryChange, DeliveryStatus
from domain.alerts.events import Purpose
from domain.alerts.retry import next_attempt
from domain.identity.preferences import Channel
from domain.identity.user import User
from domain.shared.forgotten import FORGOTTEN


@dataclass(frozen=True, slots=True)
class DeliverAlert:
    """Make one claimed attempt, and put its outcome on record together with what follows from it.

    The message goes out between two transactions: a worker that dies in between leaves a claim that lapses, and the
    attempt is then on record as unconfirmed, never as failed or done.
    """

    begin: Begin[AlertsWork]
    notifiers: Mapping[Channel, Notifier]
    clock: Clock

    async def __call__(self, claim: Claim) -> Delivery:
        """Return the delivery with its outcome."""
        delivery = claim.delivery
        async with self.begin(None) as work:
            alert = await work.alerts.get(delivery.alert_id)
            user = await work.users.get(delivery.user_id)
            attempts = await work.deliveries.of_alert(alert.id)
        pointless = _pointless(delivery, alert, attempts)
        if claim.lost:
            outcome: Outcome = Lost("The worker that made this attempt was not heard of again.")
        elif pointless is None:
            outcome = await self._send(delivery, alert, user)
        else:
            outcome = Refused(pointless, final=True)
        return await self._settle(delivery, outcome, withdrawn=pointless if not claim.lost else None)

    async def _send(self, delivery: Delivery, alert: Alert, user: User) -> Outcome:
        notifier, contact = self.notifiers.get(delivery.channel), _contact(delivery.channel, user)
        if notifier is None:
            return Refused(f"The channel {delivery.channel} is not configured here.", final=True)
        if contact is None:
            return Refused(f"No {delivery.channel} contact is linked to the account.", final=True)
        text = alert.message if delivery.purpose is Purpose.ALARM else alert.all_clear or alert.message
        message = Message(
            key=delivery.id,
            alert_id=alert.id,
            purpose=delivery.purpose,
            severity=alert.severity,
            text=text,
        )
        return await notifier.send(contact, message)

    async def _settle(self, delivery: Delivery, outcome: Outcome, *, withdrawn: str | None) -> Delivery:
        at = self.clock.now()
        async with self.begin(None) as work:
            alert = await work.alerts.hold(delivery.alert_id)
            delivery = await work.deliveries.get(delivery.id)
            if delivery.status is not DeliveryStatus.PENDING:
                return delivery
            if (await work.users.get(delivery.user_id)).forgotten_at is not None:
                outcome = _unsaid(outcome)
            settled = _settled(delivery, outcome, withdrawn, at)
            await work.deliveries.record(settled)
            again = _again(delivery, outcome, at)
            if again is not None:
                await work.deliveries.record(again)
            elif delivery.purpose is Purpose.ALARM:
                await _conclude(work, alert, settled.state, at)
            return settled.state


async def _conclude(work: AlertsWork, alert: Alert, last: Delivery, at: datetime) -> None:
    """Put on record what the end of a channel's attempts means for the alert."""
    if last.status is DeliveryStatus.DELIVERED:
        await work.alerts.record(alert.sent(channel=last.channel, at=at))
    elif not _hope(await work.deliveries.of_alert(alert.id)):
        await work.alerts.record(alert.failed(at=at))


def _hope(attempts: Iterable[Delivery]) -> bool:
    """Say whether any of the alarm's attempts has arrived, or still may."""
    hopeful = {DeliveryStatus.PENDING, DeliveryStatus.DELIVERED}
    return any(attempt.status in hopeful for attempt in attempts if attempt.purpose is Purpose.ALARM)


def _pointless(delivery: Delivery, alert: Alert, attempts: Iterable[Delivery]) -> str | None:
    if delivery.purpose is Purpose.ALARM and not alert.wanted:
        return "The alert was acknowledged or resolved before this attempt."
    if delivery.purpose is Purpose.ALL_CLEAR and not _rang(delivery.channel, attempts):
        return "The alarm itself never went out on this channel."
    return None


def _rang(channel: Channel, attempts: Iterable[Delivery]) -> bool:
    """Say whether the alarm arrived on the channel, or may have: an all-clear too many is better than none."""
    perhaps = {DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED}
    alarms = (one for one in attempts if one.purpose is Purpose.ALARM and one.channel is channel)
    return any(alarm.status in perhaps for alarm in alarms)


def _contact(channel: Channel, user: User) -> str | None:
    match channel:
        case Channel.IN_APP:
            return user.id
        case Channel.TELEGRAM:
            return user.telegram_chat_id
        case Channel.EMAIL:
            return user.email


def _unsaid(outcome: Outcome) -> Outcome:
    """Keep nothing of what a channel said of somebody who was forgotten while it spoke."""
    match outcome:
        case Taken():
            return Taken({})
        case Lost():
            return Lost(FORGOTTEN)
        case Refused():
            return replace(outcome, reason=FORGOTTEN)


def _settled(delivery: Delivery, outcome: Outcome, withdrawn: str | None, at: datetime) -> DeliveryChange:
    match outcome:
        case Taken(receipt=receipt):
            return delivery.succeed(receipt=receipt, at=at)
        case Lost(reason=reason):
            return delivery.lose(reason=reason, at=at)
        case Refused(reason=reason):
            return (
                delivery.withdraw(reason=reason, at=at) if withdrawn else delivery.fail(reason=reason, at=at)
            )


def _again(delivery: Delivery, outcome: Outcome, at: datetime) -> DeliveryChange | None:
    if isinstance(outcome, Taken) or (isinstance(outcome, Refused) and outcome.final):
        return None
    asked = outcome.retry_after if isinstance(outcome, Refused) else None
    due_at = next_attempt(delivery.attempt, at=at, asked=asked)
    if due_at is None:
        return None
    return Delivery.plan(
        alert_id=delivery.alert_id,
        user_id=delivery.user_id,
        channel=delivery.channel,
        purpose=delivery.purpose,
        attempt=delivery.attempt + 1,
        due_at=due_at,
        at=at,
    )
