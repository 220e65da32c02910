from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.intents import events, states
from domain.intents.errors import IntentNotCancellable
from domain.intents.events import IntentEvent, IntentProposed
from domain.intents.states import Armed, Cancelled, Intent, Proposed, become
from domain.shared import history
from domain.shared.change import Change

_LEADS_TO: Mapping[type[IntentEvent], type[Intent]] = {
    events.IntentArmed: states.Armed,
    events.IntentTriggered: states.Triggered,
    events.IntentSubmitted: states.Submitted,
    events.IntentUnconfirmed: states.Unconfirmed,
    events.IntentSettled: states.Settled,
    events.IntentFailed: states.Failed,
    events.IntentExpired: states.Expired,
    events.IntentCancelled: states.Cancelled,
}


def after(intent: Intent, fact: IntentEvent) -> Intent:
    """Return the intent as the fact left it."""
    if isinstance(fact, IntentProposed):
        return Proposed.born(fact)
    return become(_LEADS_TO[type(fact)], intent, fact.at)


def folded(facts: Iterable[IntentEvent]) -> Intent:
    """Rebuild the intent from its whole history."""
    return history.folded(facts, first=IntentProposed, born=_born, after=after)


def _born(fact: IntentProposed) -> Intent:
    return Proposed.born(fact)


def cancelled(intent: Intent, *, at: datetime) -> Change[Cancelled, IntentEvent]:
    """Take an intent back, or refuse because it is under way or over; cancelling twice changes nothing."""
    match intent:
        case Proposed() | Armed():
            return intent.cancel(at=at)
        case Cancelled():
            return Change(intent, ())
        case _:
            raise IntentNotCancellable(intent.id, intent.status)
