from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.identity.tokens import PREFIX, hash_of
from application.shared.ports import Begin, Clock
from domain.shared.errors import Denied
from domain.shared.ids import UserId

_LONGEST = 100


class NotSignedIn(Denied):
    """Whoever asks has to say who they are."""

    def __init__(self) -> None:
        super().__init__("The token is unknown, closed or expired; sign in again.")


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Say whose token this is."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, *, token: str) -> UserId:
        """Return the token's holder, or raise NotSignedIn."""
        if not token.startswith(PREFIX) or len(token) > _LONGEST:
            raise NotSignedIn
        async with self.begin(None) as work:
            holder = await work.sessions.holder(hash_of(token), self.clock.now())
        if holder is None:
            raise NotSignedIn
        return holder
