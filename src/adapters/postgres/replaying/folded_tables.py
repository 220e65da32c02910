from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import MetaData, Table

from adapters.postgres import alerts, deliveries, intents, operators, signals, users
from application.audit.ports import State
from application.audit.replaying.fold import Kind

_NO_PART_OF_THE_STATE: Final = {"claimed_until"}


@dataclass(frozen=True, slots=True)
class FoldedTable:
    """A table of states, and how a state becomes its row."""

    table: Table
    row_of: Callable[[Any], Mapping[str, object]]
    state_of: Callable[..., State]

    def whole_row(self, state: State) -> Mapping[str, object]:
        """Return every column that the fold fills, with its value."""
        return {**self.row_of(state), "id": state.id, "version": state.version}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the fold fills."""
        return tuple(column.name for column in self.table.c if column.name not in _NO_PART_OF_THE_STATE)

    @property
    def owner(self) -> str:
        """The column that says whose row it is."""
        return "id" if self.table.name == "users" else "user_id"


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where tables like the real ones stand: beside them under another name, or in a schema of their own."""

    schema: str | None
    prefix: str

    def name(self, table: Table) -> str:
        """Return the table's name there, as SQL has it."""
        return f"{self.schema}.{self.prefix}{table.name}" if self.schema else f"{self.prefix}{table.name}"

    def like(self, table: Table) -> Table:
        """Return what is known of the table there."""
        return _like(self, table)


@cache  # SQLAlchemy keeps what it compiles by table, so one place has one table each
def _like(place: Place, table: Table) -> Table:
    name = f"{place.prefix}{table.name}"
    if place.schema is None:
        return table.to_metadata(MetaData(), name=name)
    return table.to_metadata(MetaData(), schema=place.schema, name=name)


TEMPORARY: Final = Place(None, "replayed_")
"""Temporary tables of one connection, which PostgreSQL drops with it."""

TEMPORARY_TABLES: Final = "".join(
    f"CREATE TEMP TABLE {TEMPORARY.name(table)} (LIKE public.{table.name} INCLUDING DEFAULTS);"
    f"ALTER TABLE {TEMPORARY.name(table)} ADD PRIMARY KEY ({', '.join(table.primary_key.columns.keys())});"
    for table in (*(folded.table for folded in FOLDED.values()), WALLETS)
)

BESIDE: Final = Place(None, "rebuilt_")
"""The tables of a new version, beside the ones in service; migration 0010 has the functions that make them."""
