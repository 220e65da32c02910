from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.positions.ports import JobQueue
from application.positions.readers import Readers
from application.shared.ports import Begin
from domain.shared.chain import ChainId
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class RefreshPositions:
    """Have a user's wallets read again now, on every configured chain."""

    begin: Begin[IdentityWork]
    jobs: JobQueue
    readers: Readers

    async def __call__(self, *, actor: UserId) -> tuple[ChainId, ...]:
        """Return the chains on which a snapshot has been asked for."""
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
        wallets = tuple(wallet.address for wallet in user.wallets)
        for chain_id in self.readers.chains:
            await self.jobs.snapshot_wallets(chain_id, wallets)
        return self.readers.chains
