from collections.abc import AsyncIterator
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.replaying.compared_table import ComparedTable
from adapters.postgres.replaying.folded_tables import WALLETS
from adapters.postgres.replaying.place import Place
from application.audit.replaying.row_difference import RowDifference
from domain.shared.ids import Id, UserId

_PAGE: Final = 500
_WALLETS: Final = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(address, label, linked_at, linked_version) ORDER BY linked_version), '[]')
FROM {wallets} AS linked WHERE linked.user_id = {users}.id) AS wallets
"""


async def count_stored(connection: AsyncConnection, compared: ComparedTable, user: UserId | None) -> int:
    """Return how many rows of a kind, and perhaps of one user, are stored."""
    driver = await driver_of(connection)
    query = f"SELECT count(*) FROM public.{compared.table.name} {_theirs(compared, user)}"  # noqa: S608 - our own table
    cursor = await driver.execute(query, {"user": user})
    [[count]] = await cursor.fetchall()
    return cast("int", count)


async def differing_rows(
    connection: AsyncConnection, compared: ComparedTable, place: Place, user: UserId | None
) -> AsyncIterator[RowDifference]:
    """Let the server join the stored rows of a table with the replayed ones, and return each that differs.

    Values come as the text that PostgreSQL has for them. Needs an open transaction, and may be read bit by bit.
    """
    driver = await driver_of(connection)
    names = [*compared.columns, *(["wallets"] if compared.table.name == "users" else [])]
    async with driver.cursor(name="differing") as cursor:
        await cursor.execute(_query(compared, names, place, user), {"user": user})
        while rows := await cursor.fetchmany(_PAGE):
            for row in rows:
                yield _difference(names, row)


def _query(compared: ComparedTable, names: list[str], place: Place, user: UserId | None) -> str:
    stored = _rows(f"public.{compared.table.name}", "public.wallets", names)
    ours = _rows(place.name(compared.table), place.name(WALLETS), names)
    which = _theirs(compared, user)
    theirs, replayed = (", ".join(f"{side}.{name}" for name in names) for side in ("theirs", "ours"))
    texts, again = (", ".join(f"{side}.{name}::text" for name in names) for side in ("theirs", "ours"))
    key = ", ".join(f"coalesce(theirs.{name}, ours.{name})::text" for name in compared.key)
    same = " AND ".join(f"theirs.{name} = ours.{name}" for name in compared.key)
    first = compared.key[0]
    return f"""
        SELECT ARRAY[{key}], theirs.{first} IS NOT NULL, ours.{first} IS NOT NULL, ARRAY[{texts}], ARRAY[{again}]
        FROM ({stored} {which}) AS theirs FULL JOIN ({ours} {which}) AS ours ON {same}
        WHERE ROW({theirs}) IS DISTINCT FROM ROW({replayed})
    """  # noqa: S608 - names of our own tables


def _rows(table: str, wallets: str, names: list[str]) -> str:
    columns = list(names)
    if "wallets" in columns:
        columns[columns.index("wallets")] = _WALLETS.format(wallets=wallets, users=table)
    return f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - names of our own tables


def _theirs(compared: ComparedTable, user: UserId | None) -> str:
    return "" if user is None else f"WHERE {compared.owner} = %(user)s"


def _difference(names: list[str], row: tuple[Any, ...]) -> RowDifference:
    key, is_stored, is_replayed, stored, ours = row
    this = Id(key[0])
    if not (is_stored and is_replayed):
        return RowDifference(this, tuple(key), {} if is_stored else None, {} if is_replayed else None)
    differing = [
        (name, one, other) for name, one, other in zip(names, stored, ours, strict=True) if one != other
    ]
    return RowDifference(
        this,
        tuple(key),
        {name: one for name, one, _ in differing},
        {name: other for name, _, other in differing},
    )
