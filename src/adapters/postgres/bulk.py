from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of

_STAGE = "CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {like} WITH NO DATA"
_PUT = "INSERT INTO {target} ({columns}) SELECT {columns} FROM {stage} ON CONFLICT ({key}) DO UPDATE SET {values}"


async def put_rows(
    connection: AsyncConnection, table: Table, target: Table, rows: Iterable[Mapping[str, object]]
) -> None:
    """Write rows by COPY into a table that is like a real one, in place of those of the same key.

    They pass through a temporary table, because COPY cannot replace. The rows name the same columns, all of them.
    """
    driver = await driver_of(connection)
    ordered = iter(rows)
    first = next(ordered, None)
    if first is None:
        return
    names, key = list(first), target.primary_key.columns.keys()
    parts: dict[str, sql.Composable] = {
        "stage": sql.Identifier(f"put_{table.name}"),
        "like": sql.Identifier("public", table.name),
        "target": sql.Identifier(*filter(None, (target.schema, target.name))),
        "columns": sql.SQL(", ").join(map(sql.Identifier, names)),
        "key": sql.SQL(", ").join(map(sql.Identifier, key)),
        "values": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names if name not in key
        ),
    }
    await driver.execute(
        "SET LOCAL client_min_messages = warning"
    )  # that the table is there already is no news
    await driver.execute(sql.SQL(_STAGE).format(**parts))
    forms = _forms(table, names)
    async with driver.cursor() as cursor:
        async with cursor.copy(sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**parts)) as copy:
            await copy.write_row(_plain(first, forms))
            for row in ordered:
                await copy.write_row(_plain(row, forms))
        await cursor.execute(sql.SQL(_PUT).format(**parts))
        await cursor.execute(sql.SQL("DELETE FROM {stage}").format(**parts))


_Form = tuple[str, Callable[[Any], object] | None]


def _forms(table: Table, names: Sequence[str]) -> list[_Form]:
    return [(name, _document if isinstance(table.c[name].type, JSONB) else None) for name in names]


def _plain(row: Mapping[str, object], forms: Sequence[_Form]) -> list[object]:
    return [row[name] if form is None else form(row[name]) for name, form in forms]


def _document(value: object) -> object:
    return None if value is None else Jsonb(value, dumps=orjson.dumps)
