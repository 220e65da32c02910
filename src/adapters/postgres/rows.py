from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.json import canonical
from application.shared.ports import Facts
from domain.positions.position import Protocol as LendingProtocol
from domain.shared.change import Change
from domain.shared.errors import StaleWrite
from domain.signals.subject import Subject

metadata = MetaData()
"""What the repositories know of the tables; their definition is the migrations'."""


class Versioned(Protocol):
    """A state that is the fold of its facts."""

    @property
    def id(self) -> UUID:
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
    if not change.facts:
        return
    state = change.state
    expected = state.version - len(change.facts)
    values = {**row, "id": state.id, "version": state.version}
    if expected == 0:
        done = await insert_if_new(connection, table, values)
    else:
        known = (table.c.id == state.id, table.c.version == expected)
        done = (await connection.execute(update(table).where(*known).values(values))).rowcount == 1
    if not done:
        raise StaleWrite(f"This {table.info['noun']}")
    facts.append(state.id, expected, change.facts)


async def insert_if_new(connection: AsyncConnection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row, and say whether there was none like it; waits for whoever is inserting one."""
    statement = insert(table).values(row).on_conflict_do_nothing()
    done = await connection.execute(statement.execution_options(preserve_rowcount=True))
    return done.rowcount == 1


def newest_first(
    table: Table,
    moment: Column[datetime],
    *wanted: ColumnElement[bool],
    before: UUID | None,
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
        Column("user_id", Uuid),
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
