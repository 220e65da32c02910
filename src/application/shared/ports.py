from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from domain.shared.ids import UserId

WorkT = TypeVar("WorkT", covariant=True)


class Clock(Protocol):
    """Tells the time; nothing else in the application does."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class Ids(Protocol):
    """Gives new identities and secrets; nothing else in the application draws lots."""

    def new(self) -> UUID:
        """Return a version 7 UUID: ordered by the time of its making."""
        ...

    def secret(self, size: int = 32) -> bytes:
        """Return so many bytes that nobody can guess."""
        ...


class Begin(Protocol[WorkT]):
    """Opens one transaction on behalf of somebody.

    The block of `async with` is the transaction: leaving it commits state and facts together, an exception undoes
    both. `actor` sees what is theirs alone; None is Plimsoll itself, and only workers may be it. Raises `StaleWrite`
    on leaving when another transaction changed the same thing first.
    """

    def __call__(self, actor: UserId | None) -> AbstractAsyncContextManager[WorkT]:
        """Open the transaction."""
        ...
