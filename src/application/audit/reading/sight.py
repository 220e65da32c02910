from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from domain.shared.ids import UserId

WorkT = TypeVar("WorkT", covariant=True)


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks into the log, and whose facts they are to see: everybody's, where no subject is named."""

    viewer: UserId
    subject: UserId | None

    @property
    def own(self) -> bool:
        """Say whether they look at nothing but what is theirs."""
        return self.viewer == self.subject


class BeginSight(Protocol[WorkT]):
    """Opens a transaction that reads, and can write nothing.

    It shows the subject's rows, or everybody's, and to somebody who is no operator at this moment none but their own.
    """

    def __call__(self, sight: Sight) -> AbstractAsyncContextManager[WorkT]:
        """Open the transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Door(Generic[WorkT]):
    """A way into the database for use cases that know of actors: whomever they name, it opens for one sight."""

    begin: BeginSight[WorkT]
    sight: Sight

    def __call__(self, actor: UserId | None) -> AbstractAsyncContextManager[WorkT]:
        """Open the transaction."""
        return self.begin(self.sight)
