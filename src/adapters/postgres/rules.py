from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Column, Table, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import document, metadata
from adapters.postgres.statements import fetch
from domain.shared.errors import NotFound
from domain.shared.ids import UserId
from domain.signals.rules import Rules

rules = Table(
    "rules",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("body", JSONB),
)

rules_in_force = Table(
    "rules_in_force",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("version", BigInteger),
)

_RULES = TypeAdapter(Rules)

_NEWEST = """
SELECT user_id, body FROM rules_in_force JOIN rules USING (user_id, version) WHERE user_id = ANY (%(users)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class PostgresRulesInForce:
    """The rules of every user by version, in PostgreSQL."""

    connection: AsyncConnection

    async def put(self, rules_now: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        named = {"user_id": rules_now.user_id, "version": rules_now.version}
        version = insert(rules).values(row_of(rules_now))
        await self.connection.execute(version.on_conflict_do_nothing())
        newest = insert(rules_in_force).values(named)
        await self.connection.execute(
            newest.on_conflict_do_update(index_elements=["user_id"], set_={"version": rules_now.version})
        )

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        await self.connection.execute(delete(rules_in_force).where(rules_in_force.c.user_id == user_id))

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        rows = await fetch(self.connection, _NEWEST, {"users": list(user_ids)})
        return {row.user_id: _RULES.validate_python(row.body) for row in rows}

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one, or raise NotFound."""
        known = (rules.c.user_id == user_id, rules.c.version <= version)
        query = select(rules.c.body).where(*known).order_by(rules.c.version.desc()).limit(1)
        body = await self.connection.scalar(query)
        if body is None:
            raise NotFound(f"There are no rules of version {version} or before.")
        return _RULES.validate_python(body)


def row_of(version: Rules) -> dict[str, object]:
    """Return the row that holds a version."""
    return {"user_id": version.user_id, "version": version.version, "body": document(version)}
