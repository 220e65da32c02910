from dataclasses import dataclass
from datetime import datetime, timedelta

from application.identity.ports import IdentityWork
from application.shared.ports import Begin, Clock, Ids

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IssuedNonce:
    """A number to be used once, by whoever signs next."""

    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IssueNonce:
    """Give out the number that ties the next signature to one request."""

    begin: Begin[IdentityWork]
    clock: Clock
    ids: Ids

    async def __call__(self) -> IssuedNonce:
        """Return a nonce that is valid for ten minutes."""
        now = self.clock.now()
        issued = IssuedNonce(nonce=self.ids.secret(16).hex(), expires_at=now + LIFE)
        async with self.begin(None) as work:
            await work.nonces.issue(issued.nonce, at=now, expires_at=issued.expires_at)
        return issued
