from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.shared.ports import Begin
from domain.identity.errors import UserGone
from domain.identity.user import User
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class GetMe:
    """Show people what Plimsoll knows of them."""

    begin: Begin[IdentityWork]

    async def __call__(self, *, actor: UserId) -> User:
        """Return the actor, or raise UserGone when they have deleted the account."""
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
        if user.deleted_at is not None:
            raise UserGone
        return user
