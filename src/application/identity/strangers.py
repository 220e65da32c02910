from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
MOST_TRIES = 5
MOST_ANSWERS = 10
MOST_CHATS = 10_000


@dataclass(slots=True)
class Strangers:
    """Remembers who wrote to the bot lately, so that a flood costs little; its memory is bounded."""

    _tries: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _answers: int = 0

    def begin_pass(self) -> None:
        """Start counting answers anew."""
        self._answers = 0

    def may_try(self, chat_id: str, at: datetime) -> bool:
        """Count a message of the chat, and say whether it is among the first few of its ten minutes."""
        since, tries = self._tries.pop(chat_id, (at, 0))
        if at - since >= WINDOW:
            since, tries = at, 0
        while len(self._tries) >= MOST_CHATS:
            del self._tries[next(iter(self._tries))]
        self._tries[chat_id] = (since, tries + 1)
        return tries < MOST_TRIES

    def may_be_answered(self) -> bool:
        """Count an answer to a stranger, and say whether this pass has room for it."""
        self._answers += 1
        return self._answers <= MOST_ANSWERS

    def forget(self, chat_id: str) -> None:
        """A chat that was linked is no stranger."""
        self._tries.pop(chat_id, None)
