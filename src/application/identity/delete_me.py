from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.identity.tokens import hash_of
from application.shared.ports import Begin, Clock
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class DeleteMe:
    """Let a user leave."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, token: str) -> None:
        """Delete the account, and close the session that asked for it and every API token."""
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            await work.users.record(user.delete(at=self.clock.now()))
            for session in await work.sessions.named():
                await work.sessions.close(session.token_hash)
            await work.sessions.close(hash_of(token))
