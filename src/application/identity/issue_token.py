from dataclasses import dataclass
from datetime import timedelta

from application.identity.ports import IdentityWork, Session
from application.identity.tokens import hash_of, new_token
from application.shared.ports import Begin, Clock, Ids
from domain.shared.errors import Conflict, Invalid
from domain.shared.ids import UserId

LONGEST_NAME = 80
MOST_DAYS = 365
MOST_TOKENS = 50


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An API token; the secret is shown this once and never again."""

    token: str
    session: Session


@dataclass(frozen=True, slots=True)
class IssueToken:
    """Give a program of the user's a token of its own."""

    begin: Begin[IdentityWork]
    clock: Clock
    ids: Ids

    async def __call__(self, *, actor: UserId, name: str, days: int) -> IssuedToken:
        """Return a token that is valid for so many days."""
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name.isspace():
            raise Invalid(f"A token's name is 1 to {LONGEST_NAME} printable characters.")
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(f"A token is valid for 1 to {MOST_DAYS} days.")
        now = self.clock.now()
        token = new_token(self.ids)
        session = Session(
            token_hash=hash_of(token),
            user_id=actor,
            opened_at=now,
            expires_at=now + timedelta(days=days),
            name=name,
        )
        async with self.begin(actor) as work:
            if len(await work.sessions.named()) >= MOST_TOKENS:
                raise Conflict(f"An account holds at most {MOST_TOKENS} tokens; revoke one first.")
            await work.sessions.open(session)
        return IssuedToken(token=token, session=session)
