from dataclasses import dataclass

from application.identity.ports import IdentityWork, SignInVerifier
from application.identity.sign_in import NonceSpent
from application.identity.statements import linking
from application.shared.ports import Begin, Clock
from domain.identity.user import User
from domain.shared.errors import Denied
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class LinkWallet:
    """Watch another wallet for a user who proves to hold it."""

    begin: Begin[IdentityWork]
    verifier: SignInVerifier
    clock: Clock

    async def __call__(self, *, actor: UserId, message: str, signature: str, label: str = "") -> User:
        """Return the user with the wallet.

        The wallet signs a Sign-In with Ethereum message whose statement names the actor's account, so that nobody can
        have it linked to theirs. Raises Invalid, Denied, and Conflict.
        """
        now = self.clock.now()
        signed = self.verifier.verify(message, signature, at=now)
        if signed.statement != linking(actor):
            raise Denied(f"To link a wallet, let it sign this statement: {linking(actor)}")
        async with self.begin(None) as work:
            if not await work.nonces.spend(signed.nonce, at=now):
                raise NonceSpent
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            change = user.link(wallet=signed.wallet, label=label, at=now)
            await work.users.record(change)
        return change.state
