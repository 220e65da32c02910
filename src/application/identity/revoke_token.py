from dataclasses import dataclass

from application.identity.ports import IdentityWork, Session
from application.shared.ports import Begin
from domain.shared.errors import NotFound
from domain.shared.ids import UserId


class TokenNotFound(NotFound):
    """There is no such token, or it is another user's."""

    def __init__(self) -> None:
        super().__init__("There is no such token; it may be revoked or expired already.")


def public_id(session: Session) -> str:
    """Return the name under which a token can be spoken of without being told: half of its hash, in hexadecimal."""
    return session.token_hash[:16].hex()


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Close an API token."""

    begin: Begin[IdentityWork]

    async def __call__(self, *, actor: UserId, token_id: str) -> None:
        """Make the token worthless from now on, or raise TokenNotFound."""
        async with self.begin(actor) as work:
            for session in await work.sessions.named():
                if public_id(session) == token_id:
                    await work.sessions.close(session.token_hash)
                    return
        raise TokenNotFound
