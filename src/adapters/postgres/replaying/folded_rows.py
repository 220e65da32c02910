from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.bulk import put_rows
from adapters.postgres.replaying.folded_tables import FOLDED, WALLETS
from adapters.postgres.replaying.place import Place
from adapters.postgres.replaying.row_differences import count_stored, differing_rows
from adapters.postgres.replaying.turn import turn
from application.audit.ports import State
from application.audit.replaying.fold import Kind
from application.audit.replaying.row_difference import RowDifference
from application.audit.replaying.scratch import Folded
from domain.identity.events import WalletLinked
from domain.identity.user import User, Wallet
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class PostgresFoldedRows:
    """Tables like those of the states, written and read in bulk on one connection."""

    connection: AsyncConnection
    place: Place

    async def some(self, kind: Kind, ids: Collection[Id]) -> Sequence[State]:
        """Return those of the states that were put away before."""
        folded = FOLDED[kind]
        there = self.place.like(folded.table)
        async with turn(self.connection):
            found = (await self.connection.execute(select(there).where(there.c.id.in_(ids)))).all()
            if kind is not Kind.USER:
                return [folded.state_of(row) for row in found]
            linked = await self._linked([row.id for row in found])
        return [folded.state_of(row, tuple(linked[row.id].values())) for row in found]

    async def put(self, kind: Kind, folded: Sequence[Folded]) -> None:
        """Put states away, in place of what they were before."""
        of_kind = FOLDED[kind]
        async with turn(self.connection):
            if kind is Kind.USER:
                await self._put_wallets(folded)
            there = self.place.like(of_kind.table)
            await put_rows(
                self.connection, of_kind.table, there, (of_kind.whole_row(one.state) for one in folded)
            )

    async def stored(self, kind: Kind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        async with turn(self.connection):
            return await count_stored(self.connection, FOLDED[kind], user)

    async def differing(self, kind: Kind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        async with turn(self.connection):
            async for row in differing_rows(self.connection, FOLDED[kind], self.place, user):
                yield row

    async def _put_wallets(self, folded: Sequence[Folded]) -> None:
        there, users = self.place.like(WALLETS), [one.state.id for one in folded]
        known = await self.connection.execute(
            delete(there).where(there.c.user_id.in_(users)).returning(there)
        )
        versions: dict[Id, dict[str, int]] = defaultdict(dict)
        for row in known:
            versions[row.user_id][row.address] = row.linked_version
        rows = [row for one in folded for row in _wallet_rows(one, versions[one.state.id])]
        await put_rows(self.connection, WALLETS, there, rows)

    async def _linked(self, ids: Sequence[Id]) -> Mapping[Id, dict[str, Wallet]]:
        there = self.place.like(WALLETS)
        query = select(there).where(there.c.user_id.in_(ids)).order_by(there.c.linked_version)
        linked: dict[Id, dict[str, Wallet]] = defaultdict(dict)
        for row in await self.connection.execute(query):
            linked[row.user_id][row.address] = Wallet(row.address, row.label, row.linked_at)
        return linked


def _wallet_rows(folded: Folded, versions: dict[str, int]) -> Iterable[Mapping[str, object]]:
    """Return the rows of a user's wallets: which version linked each, only the facts tell."""
    for recorded in folded.facts:
        if isinstance(recorded.fact, WalletLinked):
            versions[recorded.fact.address] = recorded.version
    for wallet in folded.state.wallets if isinstance(folded.state, User) else ():
        yield {
            "user_id": folded.state.id,
            "address": wallet.address,
            "label": wallet.label,
            "linked_at": wallet.linked_at,
            "linked_version": versions.get(wallet.address, 0),
        }
