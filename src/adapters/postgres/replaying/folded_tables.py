from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.postgres import alerts, deliveries, intents, operators, signals, users
from adapters.postgres.replaying.compared_table import ComparedTable
from application.audit.ports import State
from application.audit.replaying.fold import Kind


@dataclass(frozen=True, slots=True)
class FoldedTable(ComparedTable):
    """A table of states, and how a state becomes its row."""

    row_of: Callable[[Any], Mapping[str, object]]
    state_of: Callable[..., State]

    def whole_row(self, state: State) -> Mapping[str, object]:
        """Return every column that the fold fills, with its value."""
        return {**self.row_of(state), "id": state.id, "version": state.version}


FOLDED: Final[Mapping[Kind, FoldedTable]] = {
    Kind.USER: FoldedTable(users.users, users.row_of, users.user_of),
    Kind.SIGNAL: FoldedTable(signals.signals, signals.row_of, signals.signal_of),
    Kind.ALERT: FoldedTable(alerts.alerts, alerts.row_of, alerts.alert_of),
    Kind.DELIVERY: FoldedTable(deliveries.deliveries, deliveries.row_of, deliveries.delivery_of),
    Kind.INTENT: FoldedTable(intents.intents, intents.row_of, intents.intent_of),
    Kind.OPERATOR: FoldedTable(operators.operators, operators.row_of, operators.operator_of),
}
"""The state tables, in an order in which rows that others refer to come first."""

WALLETS: Final = users.wallets

TABLES: Final = (*(folded.table for folded in FOLDED.values()), WALLETS)
"""All tables that states are stored in."""
