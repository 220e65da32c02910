from collections.abc import Sequence
from dataclasses import dataclass

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.identity.operator import Operator, OperatorChange
from domain.shared.ids import UserId


def operators_in(transaction: Transaction, facts: Facts) -> Aggregates[Operator]:
    """Return the operators as the transaction sees them."""
    return Aggregates(
        Table(transaction, "operators"), facts, lambda operator: operator.user_id, "This appointment"
    )


@dataclass(frozen=True, slots=True)
class MemoryOperators:
    """Operators in memory."""

    states: Aggregates[Operator]

    async def get(self, user_id: UserId) -> Operator | None:
        """Return what became of the user's appointment."""
        return self.states.find(Operator.id_of(user_id))

    async def standing(self) -> Sequence[Operator]:
        """Return those who are operators now, in the order of their appointment."""
        found = [one for one in self.states.all() if one.stands]
        return sorted(found, key=lambda one: (one.appointed_at, one.id))

    async def record(self, change: OperatorChange) -> None:
        """Store the state and append the facts at the commit."""
        await self.states.record(change)
