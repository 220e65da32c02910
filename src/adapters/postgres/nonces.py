from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class PostgresNonces:
    """Numbers used once, in PostgreSQL, behind functions that anybody may call and a table that nobody may read."""

    connection: AsyncConnection

    async def issue(self, nonce: str, *, at: datetime, expires_at: datetime) -> None:
        """Remember a nonce until it expires."""
        await self.connection.execute(select(func.issue_nonce(nonce, at, expires_at)))

    async def spend(self, nonce: str, *, at: datetime) -> bool:
        """Use the nonce up; of two at once, one wins."""
        return await self.connection.scalar(select(func.spend_nonce(nonce, at, type_=Boolean))) is True
