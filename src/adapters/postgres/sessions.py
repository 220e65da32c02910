from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.actor import is_the_actors
from adapters.postgres.ids import ID
from adapters.postgres.rows import insert_if_new, metadata
from application.identity.ports import Session
from domain.shared.errors import StaleWrite
from domain.shared.ids import UserId

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", ID),
    Column("name", Text),
    Column("opened_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class PostgresSessions:
    """Open sign-ins in PostgreSQL."""

    connection: AsyncConnection

    async def open(self, session: Session) -> None:
        """Store a new session of the actor."""
        row = {
            "token_hash": session.token_hash,
            "user_id": session.user_id,
            "name": session.name,
            "opened_at": session.opened_at,
            "expires_at": session.expires_at,
        }
        if not await insert_if_new(self.connection, sessions, row):
            raise StaleWrite("This session")

    async def holder(self, token_hash: bytes, at: datetime) -> UserId | None:
        """Return whose token this is, unless it is unknown, closed or expired, or they have left."""
        return await self.connection.scalar(select(func.holder_of_token(token_hash, at, type_=ID)))

    async def close(self, token_hash: bytes) -> None:
        """Close the actor's session; closing it twice changes nothing."""
        still_open = (sessions.c.token_hash == token_hash, sessions.c.closed_at.is_(None))
        await self.connection.execute(update(sessions).where(*still_open).values(closed_at=func.now()))

    async def named(self) -> tuple[Session, ...]:
        """Return the actor's API tokens that are open, newest first."""
        query = (
            select(sessions)
            .where(
                is_the_actors(sessions.c.user_id),
                sessions.c.name != "",
                sessions.c.closed_at.is_(None),
                sessions.c.expires_at > func.now(),
            )
            .order_by(sessions.c.opened_at.desc(), sessions.c.token_hash.desc())
        )
        return tuple(_session_of(row) for row in await self.connection.execute(query))


def _session_of(row: Any) -> Session:
    return Session(
        token_hash=row.token_hash,
        user_id=row.user_id,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        name=row.name,
    )
