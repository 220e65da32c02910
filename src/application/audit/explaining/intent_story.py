from collections.abc import Iterator
from typing import Final

from application.audit.explaining import figures
from application.audit.explaining.explanation import Figures, Step
from application.audit.explaining.intent_evidence import IntentEvidence
from application.audit.reading.flat import flat
from application.audit.reading.taken import Input
from application.shared.ports import Recorded
from domain.intents.events import (
    IntentArmed,
    IntentCancelled,
    IntentExpired,
    IntentFailed,
    IntentProposed,
    IntentSettled,
    IntentSubmitted,
    IntentTriggered,
    IntentUnconfirmed,
)
from domain.positions.position import LendingPosition

_TOLD: Final[dict[type, str]] = {
    IntentProposed: "The user said what should be done, and when.",
    IntentArmed: "Every policy agreed: the intent was armed.",
    IntentTriggered: "The condition was seen to hold.",
    IntentSubmitted: "A transaction was handed to the chain.",
    IntentUnconfirmed: "Nobody knew what became of the transaction.",
    IntentSettled: "The transaction was in a block that counts.",
    IntentFailed: "The action is known not to have happened.",
    IntentExpired: "The user's date passed before the condition held.",
    IntentCancelled: "The user took it back.",
}


def intent_story(evidence: IntentEvidence) -> tuple[Step, ...]:
    """Tell an intent's story in the order of its facts."""
    return tuple(step for recorded in evidence.history for step in _steps(evidence, recorded))


def _steps(evidence: IntentEvidence, recorded: Recorded) -> Iterator[Step]:
    fact = recorded.fact
    at = getattr(fact, "at", recorded.recorded_at)
    seen = evidence.input
    if (
        isinstance(fact, IntentTriggered)
        and isinstance(seen, Input)
        and isinstance(seen.seen, LendingPosition)
    ):
        place = None if seen.fact is None else seen.fact.place
        found = (("source", fact.source), *figures.of_position(seen.seen))
        yield Step(at=seen.at, place=place, what="The wallet was read at one block.", figures=found)
    yield Step(
        at=at,
        place=recorded.place,
        what=_TOLD.get(type(fact), recorded.type),
        figures=_figures(evidence, fact),
    )


def _figures(evidence: IntentEvidence, fact: object) -> Figures:
    match fact:
        case IntentProposed(intent_id=id, terms=terms):
            said = ((name, value or "none") for name, value in flat(terms).items())
            return (("intent", id), *said)
        case IntentArmed():
            wallets = () if evidence.user is None else evidence.user.wallets
            linked = ", ".join(one.address for one in wallets)
            return (("linked_wallets", linked or "none"), ("armed_before", str(evidence.armed)))
        case IntentTriggered(source=source):
            return (("source", source),)
        case IntentSubmitted(transaction_hash=hash):
            return (("transaction_hash", hash),)
        case IntentSettled(block_hash=hash):
            return (("block_hash", hash),)
        case IntentUnconfirmed(reason=reason) | IntentFailed(reason=reason):
            return (("reason", reason),)
        case _:
            return ()
