from dataclasses import dataclass

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.intents.errors import IntentNotFound
from domain.intents.states import Armed, Intent, IntentChange
from domain.shared.ids import IntentId, UserId


def intents_in(transaction: Transaction, facts: Facts) -> Aggregates[Intent]:
    """Return the intents as the transaction sees them."""
    return Aggregates(Table(transaction, "intents"), facts, lambda intent: intent.user_id, "This intent")


@dataclass(frozen=True, slots=True)
class MemoryIntents:
    """Intents in memory."""

    states: Aggregates[Intent]

    async def get(self, intent_id: IntentId) -> Intent:
        """Return the intent, or raise IntentNotFound."""
        intent = self.states.find(intent_id)
        if intent is None:
            raise IntentNotFound(intent_id)
        return intent

    async def record(self, change: IntentChange) -> None:
        """Store the state and append the facts at the commit."""
        await self.states.record(change)

    async def list(
        self, user_id: UserId, *, status: str | None, before: IntentId | None, limit: int
    ) -> tuple[Intent, ...]:
        """Return the user's intents, newest first."""
        return self.states.newest(
            lambda intent: intent.user_id == user_id and status in {None, intent.status},
            lambda intent: intent.proposed_at,
            before=before,
            limit=limit,
        )

    async def armed(self, user_id: UserId) -> int:
        """Return how many of the user's intents are armed."""
        return sum(isinstance(intent, Armed) for intent in self.states.all() if intent.user_id == user_id)
