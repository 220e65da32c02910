from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.identity.tokens import hash_of
from application.shared.ports import Begin
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class SignOut:
    """Close the session that the token opened."""

    begin: Begin[IdentityWork]

    async def __call__(self, *, actor: UserId, token: str) -> None:
        """Make the token worthless from now on."""
        async with self.begin(actor) as work:
            await work.sessions.close(hash_of(token))
