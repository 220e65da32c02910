from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.json import canonical
from adapters.postgres.ids import ID
from application.shared.ports import Facts
from domain.positions.position import Protocol as LendingProtocol
from domain.shared.change import Change
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id
from domain.signals.subject import Subject

metadata = MetaData()
"""What the repositories know of the tables; their definition is the migrations'."""


class Versioned(Protocol):
    """A state that is the fold of its facts."""

    @property
    def id(self) -> Id:
        """Its identity, and that of its stream."""
        ...

    @property
    def version(self) -> int:
        """How many facts made it."""
        ...


StateT = TypeVar("StateT", bound=Versioned)


async def write(
    connection: AsyncConnection,
    facts: Facts,
    table: Table,
    change: Change[StateT, object],
    row: Mapping[str, object],
) -> None:
    """Store a state's row and append its facts, or raise StaleWrite; a change without facts writes nothing."""
    await write_all(connection, facts, table, [(change, row)])


async def write_all(
    connection: AsyncConnection,
    facts: Facts,
    table: Table,
    changes: Iterable[tuple[Change[StateT, object], Mapping[str, object]]],
) -> None:
    """Store many states of one kind, each of another stream, in two statements at most; see `write`."""
    told = [(change, row) for change, row in changes if change.facts]
    new: list[dict[str, object]] = []
    known: list[dict[str, object]] = []
    for change, row in told:
        values = {**row, "version": change.state.version}
        expected = _expected(change)
        if expected:
            known.append(values | {"this": change.state.id, "expected": expected})
        else:
            new.append(values | {"id": change.state.id})
    for statement, rows in ((insert(table).on_conflict_do_nothing(), new), (_update(table), known)):
        if rows and await _rows_done(connection, statement, rows) != len(rows):
            raise StaleWrite(f"This {table.info['noun']}")
    for change, _ in told:
        facts.append(change.state.id, _expected(change), change.facts, state=change.state)


def _expected(change: Change[StateT, object]) -> int:
    return change.state.version - len(change.facts)


def _update(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("this"), table.c.version == bindparam("expected"))


async def _rows_done(
    connection: AsyncConnection, statement: Insert | Update, rows: Sequence[Mapping[str, object]]
) -> int:
    done = await connection.execute(statement.execution_options(preserve_rowcount=True), rows)
    return done.rowcount


async def insert_if_new(connection: AsyncConnection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row, and say whether there was none like it; waits for whoever is inserting one."""
    return await _rows_done(connection, insert(table).on_conflict_do_nothing(), [row]) == 1


def newest_first(
    table: Table,
    moment: Column[datetime],
    *wanted: ColumnElement[bool],
    before: Id | None,
    limit: int,
) -> Select[Any]:
    """Return the query for a page of rows newest first, continuing after the one named, whatever became of it."""
    page = select(table).where(*wanted).order_by(moment.desc(), table.c.id.desc()).limit(limit)
    if before is None:
        return page
    last = table.alias("last")
    place = select(last.c[moment.name], last.c.id).where(last.c.id == before).scalar_subquery()
    return page.where(tuple_(moment, table.c.id) < place)


def subject_columns() -> tuple[Column[Any], ...]:
    """Return the columns by which a row names its subject."""
    return (
        Column("user_id", ID),
        Column("wallet_address", Text),
        Column("chain_id", BigInteger),
        Column("protocol", Text),
        Column("market", Text),
    )


def subject_row(subject: Subject) -> dict[str, object]:
    """Return what those columns hold for a subject."""
    return {
        "user_id": subject.user_id,
        "wallet_address": subject.wallet,
        "chain_id": subject.chain_id,
        "protocol": subject.protocol.value,
        "market": subject.market,
    }


def subject_of(row: Any) -> Subject:
    """Return the subject that a row names."""
    return Subject(
        user_id=row.user_id,
        wallet=row.wallet_address,
        chain_id=row.chain_id,
        protocol=LendingProtocol(row.protocol),
        market=row.market,
    )


def document(value: object) -> Any:
    """Return a frozen value as the JSON document that a column holds, every decimal exact."""
    return orjson.loads(canonical(value))
