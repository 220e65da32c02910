from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import fetch
from domain.shared.chain import Address
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresWatchedWallets:
    """Which wallets are watched, and by whom, in PostgreSQL."""

    connection: AsyncConnection

    async def all(self) -> Mapping[Address, tuple[UserId, ...]]:
        """Return every watched wallet with the users who watch it, users in the order of their ids."""
        rows = await fetch(
            self.connection,
            "SELECT address, array_agg(user_id ORDER BY user_id) FROM wallets GROUP BY address",
            {},
        )
        return {address: tuple(watchers) for address, watchers in rows}

    async def among(self, wallets: Collection[Address]) -> Mapping[Address, tuple[UserId, ...]]:
        """Return those of the wallets that are still watched, with the users who watch them."""
        rows = await fetch(
            self.connection,
            "SELECT address, array_agg(user_id ORDER BY user_id) FROM wallets "
            "WHERE address = ANY (%(wallets)s::text[]) GROUP BY address",
            {"wallets": list(wallets)},
        )
        return {address: tuple(watchers) for address, watchers in rows}
