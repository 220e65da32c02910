from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    FetchedValue,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.actor import is_the_actors
from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata
from application.shared.requests import Answer, KeyReused, StillWorking

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ID, primary_key=True, server_default=FetchedValue()),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary),
    Column("claimed_until", DateTime(timezone=True)),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
)


@dataclass(frozen=True, slots=True)
class PostgresRequests:
    """Requests by idempotency key, in PostgreSQL; the column's default makes them the actor's."""

    connection: AsyncConnection

    async def claim(self, key: str, fingerprint: bytes, *, at: datetime, until: datetime) -> Answer | None:
        """Return the answer on record, or None after claiming the key until then."""
        table = idempotency_keys
        lapsed = (
            table.c.fingerprint == fingerprint,
            table.c.status.is_(None),
            table.c.claimed_until <= at,
        )
        claim = (
            insert(table)
            .values(key=key, fingerprint=fingerprint, claimed_until=until)
            .on_conflict_do_update(
                index_elements=["user_id", "key"],
                set_={"claimed_until": until},
                where=lapsed[0] & lapsed[1] & lapsed[2],
            )
            .execution_options(preserve_rowcount=True)
        )
        if (await self.connection.execute(claim)).rowcount == 1:
            return None
        known = (
            await self.connection.execute(
                select(table).where(is_the_actors(table.c.user_id), table.c.key == key)
            )
        ).one()
        if known.fingerprint != fingerprint:
            raise KeyReused
        if known.status is None:
            raise StillWorking
        return _answer_of(known)

    async def answer(self, key: str, answer: Answer) -> None:
        """Put the answer on record."""
        table = idempotency_keys
        said = {
            "status": answer.status,
            "headers": [list(pair) for pair in answer.headers],
            "body": answer.body,
        }
        await self.connection.execute(
            update(table).where(is_the_actors(table.c.user_id), table.c.key == key).values(said)
        )

    async def release(self, key: str) -> None:
        """Give the claim up, because the request had no effect."""
        table = idempotency_keys
        await self.connection.execute(
            delete(table).where(is_the_actors(table.c.user_id), table.c.key == key, table.c.status.is_(None))
        )


def _answer_of(row: Any) -> Answer:
    headers = tuple((name, value) for name, value in row.headers)
    return Answer(status=row.status, headers=headers, body=row.body)
