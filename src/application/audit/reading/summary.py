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
from domain.identity.events import (
    OperatorLooked,
    PreferencesChanged,
    UserRegistered,
    WalletLinked,
    WalletUnlinked,
)
from domain.intents.events import IntentFailed, IntentProposed, IntentSubmitted, IntentUnconfirmed
from domain.intents.terms import Terms
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.shared.chain import short
from domain.shared.money import plain
from domain.signals.events import SignalCleared, SignalDetected


def summary(fact: object) -> str:
    """Say in a few words what a fact tells beyond its name; never what only its user should read, such as a mailbox."""
    tellers = (_account, _position, _signal, _alert, _attempt, _intent)
    return next((told for tell in tellers if (told := tell(fact)) is not None), "")


def _account(fact: object) -> str | None:
    match fact:
        case UserRegistered(wallet_address=wallet) | WalletLinked(address=wallet):
            return short(wallet)
        case WalletUnlinked(address=wallet):
            return f"{short(wallet)} is no longer watched"
        case PreferencesChanged(preferences=said):
            wanted = said.alert_thresholds
            return (
                f"tell below {plain(wanted.health_factor_low)} and {plain(wanted.health_factor_critical)}, "
                f"by {', '.join(said.notification_channels)}"
            )
        case OperatorLooked(subject=subject, what=what):
            return f"{what}, of {'everybody' if subject is None else f'user {subject}'}"
        case _:
            return None


def _position(fact: object) -> str | None:
    match fact:
        case PositionsObserved():
            return _observed(fact)
        case PositionLiquidated(liquidation=told):
            return f"{short(told.wallet)} in block {told.block_number} of chain {told.chain_id}"
        case _:
            return None


def _observed(fact: PositionsObserved) -> str:
    """Say how many rows the fact stands for: one for each user and wallet, those that could not be read included."""
    unread = f", {len(fact.unread)} unread" if fact.unread else ""
    empty = f", {len(fact.without_position)} without position" if fact.without_position else ""
    return f"chain {fact.chain_id}, block {fact.block.number}: {fact.count} seen{unread}{empty}"


def _signal(fact: object) -> str | None:
    match fact:
        case SignalDetected():
            return f"{fact.type} of {fact.asset}, {fact.severity}, {short(fact.subject.wallet)}"
        case SignalCleared(data=data):
            return f"health factor {data['health_factor']}" if "health_factor" in data else "it is over"
        case _:
            return None


def _alert(fact: object) -> str | None:
    match fact:
        case AlertRaised():
            return f"{fact.severity}: {fact.message}"
        case AlertResolved(message=message):
            return message
        case AlertSent(channel=channel):
            return f"{channel} took it"
        case AlertFailed():
            return "no channel took it"
        case AlertAcknowledged():
            return "the user has seen it"
        case _:
            return None


def _attempt(fact: object) -> str | None:
    match fact:
        case DeliveryPlanned():
            return f"attempt {fact.attempt} of the {fact.purpose.replace('_', '-')} by {fact.channel}"
        case DeliverySucceeded():
            return "the channel took it"
        case DeliveryFailed():
            return "the channel refused it"
        case DeliveryUnconfirmed():
            return "nobody knows whether the channel took it"
        case DeliveryWithdrawn():
            return "there was no reason to send it any more"
        case _:
            return None


def _intent(fact: object) -> str | None:
    match fact:
        case IntentProposed(terms=terms):
            return terms_of(terms)
        case IntentSubmitted(transaction_hash=hash):
            return f"transaction {hash[:10]}…"
        case IntentFailed(reason=reason) | IntentUnconfirmed(reason=reason):
            return reason
        case _:
            return None


def terms_of(terms: Terms) -> str:
    """Say in a few words what an intent is to do, and when."""
    condition, action = terms.condition, terms.action
    return (
        f"{action.kind} {plain(action.amount)} of {short(action.asset)} if {short(condition.wallet)} "
        f"falls below {plain(condition.health_factor_below)}"
    )
