from dataclasses import dataclass

from application.identity.ports import IdentityWork, Session
from application.shared.ports import Begin
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ListTokens:
    """Show which API tokens are open."""

    begin: Begin[IdentityWork]

    async def __call__(self, *, actor: UserId) -> tuple[Session, ...]:
        """Return the actor's API tokens, newest first, without their secrets."""
        async with self.begin(actor) as work:
            return await work.sessions.named()
