from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.statements import fetch
from application.audit.proving.seals import Seal, SealNotFound, Statement, StoredSeal
from application.shared.ports import Place

_SIZE: Final = 32
_SEAL: Final = """
SELECT number, commit_count, position, tree_root, chain, previous, sealed_at, key_id, signature, frontier FROM seals
"""
_ADD: Final = """
INSERT INTO seals
    (number, commit_count, position, tree_root, chain, previous, sealed_at, key_id, signature, frontier)
VALUES (
    %(number)s, %(commit_count)s, %(position)s, %(tree_root)s, %(chain)s, %(previous)s, %(sealed_at)s, %(key_id)s,
    %(signature)s, %(frontier)s
)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class PostgresSeals:
    """The seals in PostgreSQL."""

    connection: AsyncConnection

    async def after(self, number: int, *, limit: int) -> Sequence[StoredSeal]:
        """Return seals in the order of their numbers."""
        return await self._seals(
            f"{_SEAL} WHERE number > %(number)s ORDER BY number LIMIT %(limit)s",
            {"number": number, "limit": limit},
        )

    async def get(self, number: int) -> StoredSeal:
        """Return a seal, or raise SealNotFound."""
        for seal in await self._seals(f"{_SEAL} WHERE number = %(number)s", {"number": number}):
            return seal
        raise SealNotFound(number)

    async def last(self) -> StoredSeal | None:
        """Return the newest seal."""
        return next(iter(await self._seals(f"{_SEAL} ORDER BY number DESC LIMIT 1", {})), None)

    async def covering(self, commit: int) -> StoredSeal | None:
        """Return the first seal whose tree holds this commit."""
        query: LiteralString = f"{_SEAL} WHERE commit_count >= %(commit)s ORDER BY commit_count LIMIT 1"
        return next(iter(await self._seals(query, {"commit": commit})), None)

    async def add(self, seal: StoredSeal) -> bool:
        """Put a seal on record; False when another of its number was there first."""
        said = seal.seal.statement
        driver = await driver_of(self.connection)
        cursor = await driver.execute(
            _ADD,
            {
                "number": said.number,
                "commit_count": said.commit_count,
                "position": said.position,
                "tree_root": said.tree_root,
                "chain": said.chain,
                "previous": said.previous,
                "sealed_at": said.sealed_at,
                "key_id": said.key_id,
                "signature": seal.seal.signature,
                "frontier": b"".join(seal.frontier),
            },
        )
        return cursor.rowcount == 1

    async def _seals(self, query: LiteralString, values: dict[str, object]) -> Sequence[StoredSeal]:
        return [_seal(row) for row in await fetch(self.connection, query, values)]


def _seal(row: Any) -> StoredSeal:
    statement = Statement(
        number=row.number,
        commit_count=row.commit_count,
        position=Place(row.position),
        tree_root=row.tree_root,
        chain=row.chain,
        previous=row.previous,
        sealed_at=row.sealed_at,
        key_id=row.key_id,
    )
    peaks = tuple(row.frontier[begin : begin + _SIZE] for begin in range(0, len(row.frontier), _SIZE))
    return StoredSeal(Seal(statement, row.signature), peaks)
