from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.shared.ports import Begin, Clock
from domain.shared.chain import Address
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class UnlinkWallet:
    """Stop watching a wallet."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, wallet: Address) -> None:
        """Unlink the wallet, or raise WalletNotLinked or LastWallet."""
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            await work.users.record(user.unlink(wallet=wallet, at=self.clock.now()))
