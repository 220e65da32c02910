from collections.abc import Collection
from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.shared.ports import Begin, Clock
from domain.identity.preferences import Preferences
from domain.identity.user import User
from domain.shared.errors import Conflict
from domain.shared.ids import UserId


class SeenAnotherVersion(Conflict):
    """A change that was based on what is no longer so."""

    def __init__(self) -> None:
        super().__init__("Your account was changed since you read it; load it again and repeat the change.")


@dataclass(frozen=True, slots=True)
class ChangePreferences:
    """Let a user say anew what to be told, when and how."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(
        self, *, actor: UserId, preferences: Preferences, seen: Collection[int] | None = None
    ) -> User:
        """Return the user with the new preferences.

        `seen`, where given, are the versions of the user on which the change may be based; if the user has moved on,
        raises SeenAnotherVersion.
        """
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            if seen is not None and user.version not in seen:
                raise SeenAnotherVersion
            change = user.prefer(preferences, at=self.clock.now())
            await work.users.record(change)
        return change.state
