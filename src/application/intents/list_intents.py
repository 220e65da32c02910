from dataclasses import dataclass

from application.intents.ports import IntentsWork
from application.shared.ports import Begin
from domain.intents.states import Intent
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True)
class ListIntents:
    """Show what a user has said beforehand."""

    begin: Begin[IntentsWork]

    async def __call__(
        self, *, actor: UserId, status: str | None = None, before: IntentId | None = None, limit: int = 50
    ) -> tuple[Intent, ...]:
        """Return the actor's intents, newest first, continuing after the one named."""
        async with self.begin(actor) as work:
            return await work.intents.list(actor, status=status, before=before, limit=limit)
