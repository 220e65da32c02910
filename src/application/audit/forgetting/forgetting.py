from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.alerts.ports import Deliveries
from application.identity.ports import Users
from domain.alerts.delivery import Delivery
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class PersonalFacts:
    """How many of a user's facts have personal fields: `sealed` ones go with the key, those `in_the_clear` stay.

    Not `complete` when a part of the log is archived in files that cannot be read here.
    """

    sealed: int
    in_the_clear: int
    complete: bool = True


class SubjectKeys(Protocol):
    """The keys that personal fields are sealed with, one for each user."""

    async def hold_to_destroy(self, user: Id) -> bool:
        """Wait for whoever writes with the key, keep others from it, and say whether it can still be destroyed."""
        ...

    async def destroy(self, user: Id, *, at: datetime) -> None:
        """Destroy the key for ever, or see to it that there will never be one."""
        ...


class WrappedKeys(Protocol):
    """The same keys as they are stored: encrypted by a master key."""

    async def wrap_anew(self, *, limit: int) -> int:
        """Encrypt some by the newest master key that are not yet, and return how many; 0 when none is left."""
        ...


class RotateWork(Protocol):
    """What changing the master key needs of its transaction."""

    @property
    def subjects(self) -> WrappedKeys:
        """The keys of personal fields."""
        ...


class Traces(Protocol):
    """What is kept of a person beside the log. Only Plimsoll itself sees them."""

    async def facts(self, user_id: UserId) -> PersonalFacts:
        """Count the facts with personal fields that the log holds of the user."""
        ...

    async def drop_half_built(self) -> None:
        """Drop copies of states that nobody has finished; raises Conflict while somebody is at it."""
        ...

    async def pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Return the attempts to reach the user that are still to be made."""
        ...

    async def hold_pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Wait for whoever is settling one; then return those still to be made, and keep others from them."""
        ...

    async def erase(self, user_id: UserId) -> int:
        """Remove sign-ins, tokens, codes and answers, and blank what channels said; return how many rows that were."""
        ...

    async def revived(self) -> Sequence[UserId]:
        """Return who was forgotten and has a key all the same: a backup brought it back."""
        ...


class ForgetWork(Protocol):
    """What forgetting somebody needs of its transaction."""

    @property
    def users(self) -> Users:
        """The people."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """The outbox."""
        ...

    @property
    def subjects(self) -> SubjectKeys:
        """The keys of personal fields."""
        ...

    @property
    def traces(self) -> Traces:
        """What else is kept of them."""
        ...
