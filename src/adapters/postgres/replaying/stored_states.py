from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.alerts import alert_of, alerts
from adapters.postgres.deliveries import deliveries, delivery_of
from adapters.postgres.intents import intent_of, intents
from adapters.postgres.operators import operator_of, operators
from adapters.postgres.signals import signal_of, signals
from adapters.postgres.users import PostgresUsers
from application.audit.ports import State
from application.shared.ports import Facts
from domain.shared.errors import Invalid
from domain.shared.ids import Id

_KINDS: Mapping[str, tuple[Table, Callable[[Any], State]]] = {
    "signal": (signals, signal_of),
    "alert": (alerts, alert_of),
    "delivery": (deliveries, delivery_of),
    "intent": (intents, intent_of),
    "operator": (operators, operator_of),
}


@dataclass(frozen=True, slots=True)
class PostgresStoredStates:
    """The state tables as they stand."""

    connection: AsyncConnection
    facts: Facts

    async def page(self, kind: str, *, after: Id | None, limit: int) -> Sequence[State]:
        """Return stored states of a kind in the order of their ids; raises Invalid for a kind that is none."""
        if kind == "user":
            return await PostgresUsers(self.connection, self.facts).page(after=after, limit=limit)
        if kind not in _KINDS:
            kinds = ", ".join(("user", *_KINDS))
            raise Invalid(f"There is no kind of state called {kind!r}; there are {kinds}.")
        table, state_of = _KINDS[kind]
        query = select(table).order_by(table.c.id).limit(limit)
        rows = await self.connection.execute(query if after is None else query.where(table.c.id > after))
        return [state_of(row) for row in rows]
