from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Final

from application.audit.explaining.explanation import PolicyVerdict, Remade
from application.audit.explaining.intent_evidence import IntentEvidence
from application.audit.reading.taken import Input
from domain.intents.events import IntentArmed, IntentEvent, IntentExpired, IntentProposed, IntentTriggered
from domain.intents.lifecycle import after
from domain.intents.policies import POLICIES, Circumstances, Policy
from domain.intents.states import Armed, Intent, Proposed
from domain.positions.position import LendingPosition
from domain.shared.chain import ChainId
from domain.shared.errors import PlimsollError

_UNSAID: Final = "which chains were configured is not on record"


def asked_again(evidence: IntentEvidence) -> Iterator[PolicyVerdict]:
    """Ask every policy again, of the circumstances that the facts before the proposal tell of."""
    first = evidence.history[0].fact
    if evidence.user is None or not isinstance(first, IntentProposed):
        return
    for policy in POLICIES:
        yield _verdict(policy, evidence, Proposed.born(first), first.at)


def _verdict(policy: Policy, evidence: IntentEvidence, proposed: Proposed, at: datetime) -> PolicyVerdict:
    chain = proposed.terms.condition.chain_id
    without, with_it = (policy(proposed, _around(evidence, at, chains)) for chains in ((), (chain,)))
    name = getattr(policy, "__name__", "policy").replace("_", " ")
    if without != with_it:  # its answer hangs on what nobody recorded
        return PolicyVerdict(policy=name, agrees=None, said=_UNSAID)
    return PolicyVerdict(policy=name, agrees=with_it is None, said=with_it or "it agrees")


def _around(evidence: IntentEvidence, at: datetime, chains: Collection[ChainId]) -> Circumstances:
    wallets = () if evidence.user is None else evidence.user.wallets
    return Circumstances(
        now=at, wallets=frozenset(one.address for one in wallets), chains=chains, armed=evidence.armed
    )


def remade_intent(evidence: IntentEvidence, written: Callable[[object], bytes]) -> Iterator[Remade]:
    """Make each of Plimsoll's own decisions about the intent again, and lay it beside the recorded one.

    What the user decided, and what the chain answered, is no decision of ours.
    """
    refused = any(one.agrees is False for one in asked_again(evidence))
    intent: Intent | None = None
    for recorded in evidence.history:
        fact = recorded.fact
        if isinstance(fact, IntentArmed | IntentTriggered | IntentExpired):
            again = None if refused and isinstance(fact, IntentArmed) else _again(intent, fact, evidence)
            made = None if again is None else written(again)
            yield Remade(type=recorded.type, recorded=recorded.stored, remade=made)
        intent = Proposed.born(fact) if isinstance(fact, IntentProposed) else _next(intent, fact)


def _again(
    intent: Intent | None, fact: IntentArmed | IntentTriggered | IntentExpired, evidence: IntentEvidence
) -> object | None:
    """Decide as the intent's state at that moment does; None when it would not."""
    try:
        match intent, fact:
            case Proposed(), IntentArmed():
                return intent.arm(at=fact.at).facts[0] if evidence.user is not None else None
            case Armed(), IntentTriggered():
                return intent.trigger(source=fact.source, at=fact.at).facts[0] if _held(evidence) else None
            case Armed(), IntentExpired():
                return intent.expire(at=fact.at).facts[0]
            case _:
                return None
    except PlimsollError:
        return None


def _held(evidence: IntentEvidence) -> bool:
    """Say whether the condition is true of what was seen."""
    if not isinstance(evidence.input, Input) or not isinstance(evidence.input.seen, LendingPosition):
        return False
    seen, condition = evidence.input.seen, evidence.intent.terms.condition
    health = seen.health_factor
    here = (seen.wallet, seen.chain_id) == (condition.wallet, condition.chain_id)
    return here and health is not None and health.value < condition.health_factor_below


def _next(intent: Intent | None, fact: object) -> Intent | None:
    return after(intent, fact) if intent is not None and isinstance(fact, IntentEvent) else None
