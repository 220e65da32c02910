from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Column, DateTime, Numeric, Table, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import document, metadata, newest_first, write
from application.shared.ports import Facts
from domain.intents.errors import IntentNotFound
from domain.intents.states import Armed, Intent, IntentChange
from domain.intents.terms import Terms
from domain.shared.ids import IntentId, UserId

intents = Table(
    "intents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID),
    Column("wallet_address", Text),
    Column("chain_id", BigInteger),
    Column("health_factor_below", Numeric),
    Column("action", Text),
    Column("asset", Text),
    Column("amount", Numeric),
    Column("terms", JSONB),
    Column("status", Text),
    Column("proposed_at", DateTime(timezone=True)),
    Column("changed_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("version", BigInteger),
    info={"noun": "intent"},
)

_TERMS = TypeAdapter(Terms)
_STATES: dict[str, type[Intent]] = {state.status: state for state in get_args(Intent)}


@dataclass(frozen=True, slots=True)
class PostgresIntents:
    """Intents in PostgreSQL. `terms` is what counts; the columns beside it are there to be searched."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, intent_id: IntentId) -> Intent:
        """Return the intent, or raise IntentNotFound."""
        found = await self.connection.execute(select(intents).where(intents.c.id == intent_id))
        row = found.one_or_none()
        if row is None:
            raise IntentNotFound(intent_id)
        return intent_of(row)

    async def record(self, change: IntentChange) -> None:
        """Store the state and append the facts at the commit."""
        await write(self.connection, self.facts, intents, change, row_of(change.state))

    async def list(
        self, user_id: UserId, *, status: str | None, before: IntentId | None, limit: int
    ) -> tuple[Intent, ...]:
        """Return the user's intents, newest first."""
        wanted = [intents.c.user_id == user_id]
        if status is not None:
            wanted.append(intents.c.status == status)
        page = newest_first(intents, intents.c.proposed_at, *wanted, before=before, limit=limit)
        return tuple(intent_of(row) for row in await self.connection.execute(page))

    async def armed(self, user_id: UserId) -> int:
        """Return how many of the user's intents are armed."""
        theirs = (intents.c.user_id == user_id, intents.c.status == Armed.status)
        return await self.connection.scalar(select(func.count()).select_from(intents).where(*theirs)) or 0


def row_of(intent: Intent) -> dict[str, object]:
    """Return what the columns hold for an intent, except for id and version."""
    terms = intent.terms
    return {
        "user_id": intent.user_id,
        "wallet_address": terms.condition.wallet,
        "chain_id": terms.condition.chain_id,
        "health_factor_below": terms.condition.health_factor_below,
        "action": terms.action.kind.value,
        "asset": terms.action.asset,
        "amount": terms.action.amount,
        "terms": document(terms),
        "status": intent.status,
        "proposed_at": intent.proposed_at,
        "changed_at": intent.changed_at,
        "expires_at": terms.expires_at,
    }


def intent_of(row: Any) -> Intent:
    """Return the intent that a row holds, in the class of its state."""
    return _STATES[row.status](
        id=row.id,
        user_id=row.user_id,
        terms=_TERMS.validate_python(row.terms),
        proposed_at=row.proposed_at,
        changed_at=row.changed_at,
        version=row.version,
    )
