from dataclasses import dataclass

from application.intents.ports import IntentsWork
from application.shared.ports import Begin
from domain.intents.states import Intent
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True)
class GetIntent:
    """Show one intent."""

    begin: Begin[IntentsWork]

    async def __call__(self, *, actor: UserId, intent_id: IntentId) -> Intent:
        """Return the actor's intent, or raise IntentNotFound."""
        async with self.begin(actor) as work:
            return await work.intents.get(intent_id)
