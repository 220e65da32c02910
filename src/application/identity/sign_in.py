from dataclasses import dataclass
from datetime import datetime, timedelta

from application.identity.ports import IdentityWork, Session, SignedMessage, SignInVerifier
from application.identity.statements import links
from application.identity.tokens import hash_of, new_token
from application.shared.ports import Begin, Clock, Ids
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import Address
from domain.shared.errors import Denied, StaleWrite
from domain.shared.ids import UserId


class NonceSpent(Denied):
    """A nonce signs in once, and not for long."""

    def __init__(self) -> None:
        super().__init__("The nonce is unknown, expired or used already; ask for a new one and sign again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An open session; the token is shown this once and never again."""

    token: str
    user_id: UserId
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """Open a session for whoever holds a wallet; the first sign-in opens the account."""

    begin: Begin[IdentityWork]
    verifier: SignInVerifier
    clock: Clock
    ids: Ids
    life: timedelta = timedelta(days=7)

    async def __call__(self, *, message: str, signature: str) -> SignedIn:
        """Verify the message, use its nonce up, and return a bearer token; raises Invalid and Denied."""
        now = self.clock.now()
        signed = self.verifier.verify(message, signature, at=now)
        if links(signed.statement):
            raise Denied("This signature is for linking a wallet; it does not sign in.")
        await self._spend(signed, now)
        try:
            return await self._open(signed.wallet, now)
        except StaleWrite:
            return await self._open(signed.wallet, now)  # the same wallet's first sign-in, twice at once

    async def _spend(self, signed: SignedMessage, now: datetime) -> None:
        async with self.begin(None) as work:
            if not await work.nonces.spend(signed.nonce, at=now):
                raise NonceSpent

    async def _open(self, wallet: Address, now: datetime) -> SignedIn:
        async with self.begin(None) as work:
            known = await work.users.having(wallet)
        user_id = known or UserId(self.ids.new())
        token = new_token(self.ids)
        session = Session(
            token_hash=hash_of(token), user_id=user_id, opened_at=now, expires_at=now + self.life
        )
        async with self.begin(user_id) as work:
            if known is None:
                preferences = Preferences.of(RiskProfile.MODERATE)
                await work.users.record(
                    User.register(id=user_id, wallet=wallet, preferences=preferences, at=now)
                )
            await work.sessions.open(session)
        return SignedIn(token=token, user_id=user_id, expires_at=session.expires_at)
