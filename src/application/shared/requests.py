from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.shared.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request was answered, kept so that the same request can be answered the same again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class KeyReused(Invalid):
    """An idempotency key belongs to one request."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request; take a new key for a new request."
        )


class StillWorking(Conflict):
    """The same request is being carried out at this moment."""

    def __init__(self) -> None:
        super().__init__("The same request is still being carried out; ask again in a moment.")


class Requests(Protocol):
    """Requests by idempotency key. An actor sees their own."""

    async def claim(self, key: str, fingerprint: bytes, *, at: datetime, until: datetime) -> Answer | None:
        """Return the answer on record, or None after claiming the key until then.

        Raises KeyReused when the key belongs to another request, and StillWorking while somebody else's claim lasts.
        """
        ...

    async def answer(self, key: str, answer: Answer) -> None:
        """Put the answer on record."""
        ...

    async def release(self, key: str) -> None:
        """Give the claim up, because the request had no effect."""
        ...


class RequestsWork(Protocol):
    """What answering a request only once needs of its transaction."""

    @property
    def requests(self) -> Requests:
        """The requests on record."""
        ...
