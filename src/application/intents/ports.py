from typing import Protocol

from application.identity.ports import Users
from domain.intents.states import Intent, IntentChange
from domain.shared.ids import IntentId, UserId


class Intents(Protocol):
    """What users have said beforehand. An actor sees their own."""

    async def get(self, intent_id: IntentId) -> Intent:
        """Return the intent, or raise IntentNotFound."""
        ...

    async def record(self, change: IntentChange) -> None:
        """Store the state and append the facts at the commit."""
        ...

    async def list(
        self, user_id: UserId, *, status: str | None, before: IntentId | None, limit: int
    ) -> tuple[Intent, ...]:
        """Return the user's intents, newest first, continuing after the one named."""
        ...

    async def armed(self, user_id: UserId) -> int:
        """Return how many of the user's intents are armed."""
        ...


class IntentsWork(Protocol):
    """What use cases of intents need of their transaction."""

    @property
    def users(self) -> Users:
        """Whose wallets they are."""
        ...

    @property
    def intents(self) -> Intents:
        """The intents."""
        ...
