from dataclasses import dataclass

from application.intents.ports import IntentsWork
from application.shared.ports import Begin, Clock
from domain.intents.lifecycle import cancelled
from domain.intents.states import Intent
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True)
class CancelIntent:
    """Let a user take an intent back before it acts."""

    begin: Begin[IntentsWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, intent_id: IntentId) -> Intent:
        """Return the cancelled intent, or raise IntentNotFound or IntentNotCancellable."""
        async with self.begin(actor) as work:
            change = cancelled(await work.intents.get(intent_id), at=self.clock.now())
            await work.intents.record(change)
        return change.state
