from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.memory.aggregates import Aggregates
from domain.identity.user import User
from domain.shared.chain import Address
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryWatchedWallets:
    """Which wallets are watched, as the users in memory say."""

    users: Aggregates[User]

    async def all(self) -> Mapping[Address, tuple[UserId, ...]]:
        """Return every watched wallet with the users who watch it."""
        watchers: dict[Address, tuple[UserId, ...]] = {}
        for user in sorted(self.users.all(), key=lambda user: user.id):
            for wallet in user.wallets:
                watchers[wallet.address] = (*watchers.get(wallet.address, ()), user.id)
        return watchers

    async def among(self, wallets: Collection[Address]) -> Mapping[Address, tuple[UserId, ...]]:
        """Return those of the wallets that are still watched, with the users who watch them."""
        wanted = set(wallets)
        return {wallet: users for wallet, users in (await self.all()).items() if wallet in wanted}
