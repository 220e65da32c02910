from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.audit.ports import AuditWork
from application.audit.reading.fact_search import FactFilter
from application.audit.reading.stream_state import state_at
from application.audit.reading.taken import Input, Missing, Taken, input_of
from application.audit.replaying.fold import Kind, folded, kind_of_type
from application.shared.ports import Place, Recorded
from domain.identity.user import User
from domain.intents.errors import IntentNotFound
from domain.intents.events import IntentArmed, IntentTriggered
from domain.intents.states import Intent
from domain.shared.ids import Id, IntentId, UserId

PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentEvidence:
    """Everything on record that bears on one intent.

    `user` is its user as they were when they proposed it, `armed` how many intents they had armed by then, and `input`
    what showed its condition to hold; None while nothing did.
    """

    intent: Intent
    history: Sequence[Recorded]
    user: User | None
    armed: int
    input: Input | Missing | None


async def gather_intent(work: AuditWork, actor: UserId | None, intent_id: IntentId) -> IntentEvidence:
    """Collect an intent's evidence; raises IntentNotFound, and HistoryBroken for a log that contradicts itself."""
    history = await work.facts.of(intent_id)
    intent = folded(history)
    if not isinstance(intent, Intent) or actor not in {None, intent.user_id}:
        raise IntentNotFound(intent_id)
    before = Place(history[0].place - 1)
    user = await state_at(work, actor, Kind.USER, intent.user_id, until=before)
    return IntentEvidence(
        intent=intent,
        history=history,
        user=user if isinstance(user, User) else None,
        armed=await _armed(work, intent.user_id, before),
        input=await _input(work, actor, intent, history),
    )


async def _armed(work: AuditWork, user: UserId, until: Place) -> int:
    """Count the user's intents that were armed then: those whose last fact is that they were."""
    names = tuple(name for name, fact in work.search.names.items() if kind_of_type(fact) is Kind.INTENT)
    armed: set[Id] = set()
    wanted = FactFilter(until=until, names=names, user=user)
    while page := await work.search.find(wanted, limit=PAGE):
        for found in page:
            if isinstance(found.fact, IntentArmed):
                armed.add(found.stream)
            else:
                armed.discard(found.stream)
        wanted = FactFilter(after=page[-1].place, until=until, names=names, user=user)
    return len(armed)


async def _input(
    work: AuditWork, actor: UserId | None, intent: Intent, history: Sequence[Recorded]
) -> Input | Missing | None:
    fact = next((one.fact for one in history if isinstance(one.fact, IntentTriggered)), None)
    if not isinstance(fact, IntentTriggered):
        return None
    taken = Taken(fact.source, intent.user_id, intent.terms.condition.wallet, fact.at)
    return await input_of(work, actor, taken)
