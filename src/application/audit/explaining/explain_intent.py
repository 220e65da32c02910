from dataclasses import dataclass

from application.audit.explaining.explanation import IntentExplanation
from application.audit.explaining.intent_evidence import gather_intent
from application.audit.explaining.intent_story import intent_story
from application.audit.explaining.remake_intent import asked_again, remade_intent
from application.audit.ports import AuditWork
from application.audit.reading.taken import Input, Missing
from application.shared.ports import Begin
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True)
class ExplainIntent:
    """Tell from the log alone what became of an intent, and make its decisions again to prove it."""

    begin: Begin[AuditWork]

    async def __call__(self, *, actor: UserId | None, intent_id: IntentId) -> IntentExplanation:
        """Return the explanation; raises IntentNotFound, and HistoryBroken when the log contradicts itself."""
        async with self.begin(actor) as work:
            evidence = await gather_intent(work, actor, intent_id)
            again = tuple(remade_intent(evidence, work.facts.written))
        obstacle = evidence.input.reason if isinstance(evidence.input, Missing) else None
        if obstacle is None and evidence.user is None:
            obstacle = "The log does not tell of the user before they proposed the intent."
        return IntentExplanation(
            intent=evidence.intent,
            steps=intent_story(evidence),
            policies=tuple(asked_again(evidence)),
            remade=again,
            obstacle=obstacle,
            seen=evidence.input.seen if isinstance(evidence.input, Input) else None,
        )
