from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata
from application.identity.ports import ContactCode

contact_codes = Table(
    "contact_codes",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("code_hash", LargeBinary),
    Column("contact", Text),
    Column("expires_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class PostgresContactCodes:
    """Codes that wait to come back, in PostgreSQL."""

    connection: AsyncConnection

    async def issue(self, code: ContactCode) -> None:
        """Store a code of the actor; an earlier one for the same channel is void."""
        said = {"code_hash": code.code_hash, "contact": code.contact, "expires_at": code.expires_at}
        new = insert(contact_codes).values(user_id=code.user_id, channel=code.channel, **said)
        await self.connection.execute(
            new.on_conflict_do_update(index_elements=["user_id", "channel"], set_=said)
        )

    async def redeem(self, code_hash: bytes, channel: str, *, at: datetime) -> ContactCode | None:
        """Use the code up and return it; None when unknown, expired, used, or nobody can tell whose it is."""
        named = (contact_codes.c.code_hash == code_hash, contact_codes.c.channel == channel)
        query = select(contact_codes).where(*named).limit(2).with_for_update()
        found = (await self.connection.execute(query)).all()
        if len(found) != 1 or found[0].expires_at <= at:
            return None
        row = found[0]
        await self.connection.execute(
            delete(contact_codes).where(*named, contact_codes.c.user_id == row.user_id)
        )
        return ContactCode(
            code_hash=row.code_hash,
            user_id=row.user_id,
            channel=row.channel,
            contact=row.contact,
            expires_at=row.expires_at,
        )
