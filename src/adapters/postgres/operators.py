from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata, write
from application.shared.ports import Facts
from domain.identity.operator import Operator, OperatorChange
from domain.shared.ids import UserId

operators = Table(
    "operators",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID),
    Column("appointed_at", DateTime(timezone=True)),
    Column("dismissed_at", DateTime(timezone=True)),
    Column("version", BigInteger),
    info={"noun": "appointment"},
)


@dataclass(frozen=True, slots=True)
class PostgresOperators:
    """Operators in PostgreSQL; the HTTP server's role can read its actor's row, and write none."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, user_id: UserId) -> Operator | None:
        """Return what became of the user's appointment."""
        rows = await self.connection.execute(select(operators).where(operators.c.user_id == user_id))
        return next(map(operator_of, rows), None)

    async def standing(self) -> Sequence[Operator]:
        """Return those who are operators now, in the order of their appointment."""
        query = select(operators).where(operators.c.dismissed_at.is_(None))
        rows = await self.connection.execute(query.order_by(operators.c.appointed_at, operators.c.id))
        return [operator_of(row) for row in rows]

    async def record(self, change: OperatorChange) -> None:
        """Store the state and append the facts at the commit."""
        await write(self.connection, self.facts, operators, change, row_of(change.state))


def row_of(operator: Operator) -> dict[str, object]:
    """Return what the columns hold of an operator, beside id and version."""
    return {
        "user_id": operator.user_id,
        "appointed_at": operator.appointed_at,
        "dismissed_at": operator.dismissed_at,
    }


def operator_of(row: Any) -> Operator:
    """Return the operator that a row holds."""
    return Operator(
        id=row.id,
        user_id=row.user_id,
        appointed_at=row.appointed_at,
        dismissed_at=row.dismissed_at,
        version=row.version,
    )
