from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.bulk import put_rows
from adapters.postgres.replaying.place import Place as Where
from adapters.postgres.replaying.remembered_tables import REMEMBERED
from adapters.postgres.replaying.row_differences import count_stored, differing_rows
from adapters.postgres.replaying.turn import turn
from application.audit.replaying.memories import Memory, MemoryKind
from application.audit.replaying.row_difference import RowDifference
from application.shared.ports import Place
from domain.shared.ids import UserId

_FOLLOWED: Final = text("SELECT position FROM checkpoints WHERE name = :name")


@dataclass(frozen=True, slots=True)
class PostgresMemoryRows:
    """Tables like those of the reactions' memories, written in bulk and compared on one connection."""

    connection: AsyncConnection
    where: Where

    async def followed(self, reaction: str) -> Place:
        """Return how far a reaction has followed the log; 0 if not at all."""
        async with turn(self.connection):
            place = await self.connection.scalar(_FOLLOWED, {"name": reaction})
        return Place(place or 0)

    async def put(self, kind: MemoryKind, memories: Iterable[Memory]) -> None:
        """Put memories there."""
        of_kind = REMEMBERED[kind]
        async with turn(self.connection):
            there = self.where.like(of_kind.table)
            await put_rows(self.connection, of_kind.table, there, map(of_kind.row_of, memories))

    async def stored(self, kind: MemoryKind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        async with turn(self.connection):
            return await count_stored(self.connection, REMEMBERED[kind], user)

    async def differing(self, kind: MemoryKind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        async with turn(self.connection):
            async for row in differing_rows(self.connection, REMEMBERED[kind], self.where, user):
                yield row
