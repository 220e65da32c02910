from collections.abc import AsyncIterator
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.replaying.folded_tables import FOLDED, WALLETS, FoldedTable, Place
from application.audit.replaying.fold import Kind
from application.audit.replaying.scratch import RowDifference
from domain.shared.ids import UserId

_PAGE: Final = 500
_WALLETS: Final = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(address, label, linked_at, linked_version) ORDER BY linked_version), '[]')
FROM {wallets} AS linked WHERE linked.user_id = {users}.id) AS wallets
"""


async def count_stored(connection: AsyncConnection, folded: FoldedTable, user: UserId | None) -> int:
    """Return how many rows of a kind, and perhaps of one user, are stored."""
    driver = await driver_of(connection)
    query = f"SELECT count(*) FROM public.{folded.table.name} {_theirs(folded, user)}"  # noqa: S608 - our own table
    cursor = await driver.execute(query, {"user": user})
    [[count]] = await cursor.fetchall()
    return cast("int", count)


async def differing_rows(
    connection: AsyncConnection, kind: Kind, place: Place, user: UserId | None
) -> AsyncIterator[RowDifference]:
    """Let the server join the stored rows of a kind with the folded ones, and return each that differs.

    Values come as the text that PostgreSQL has for them. Needs an open transaction, and may be read bit by bit.
    """
    driver = await driver_of(connection)
    folded = FOLDED[kind]
    names = [*folded.columns, *(["wallets"] if kind is Kind.USER else [])]
    async with driver.cursor(name="differing") as cursor:
        await cursor.execute(_query(folded, names, place, user), {"user": user})
        while rows := await cursor.fetchmany(_PAGE):
            for row in rows:
                yield _difference(names, row)


def _query(folded: FoldedTable, names: list[str], place: Place, user: UserId | None) -> str:
    stored = _rows(folded, f"public.{folded.table.name}", "public.wallets", names)
    ours = _rows(folded, place.name(folded.table), place.name(WALLETS), names)
    which = _theirs(folded, user)
    theirs, replayed = (", ".join(f"{side}.{name}" for name in names) for side in ("theirs", "ours"))
    texts, again = (", ".join(f"{side}.{name}::text" for name in names) for side in ("theirs", "ours"))
    return f"""
        SELECT coalesce(theirs.id, ours.id), theirs.id IS NOT NULL, ours.id IS NOT NULL, ARRAY[{texts}], ARRAY[{again}]
        FROM ({stored} {which}) AS theirs FULL JOIN ({ours} {which}) AS ours ON theirs.id = ours.id
        WHERE ROW({theirs}) IS DISTINCT FROM ROW({replayed})
    """  # noqa: S608 - names of our own tables


def _rows(folded: FoldedTable, table: str, wallets: str, names: list[str]) -> str:
    columns = list(names)
    if "wallets" in columns:
        columns[columns.index("wallets")] = _WALLETS.format(wallets=wallets, users=table)
    return f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - names of our own tables


def _theirs(folded: FoldedTable, user: UserId | None) -> str:
    return "" if user is None else f"WHERE {folded.owner} = %(user)s"


def _difference(names: list[str], row: tuple[Any, ...]) -> RowDifference:
    this, is_stored, is_folded, stored, ours = row
    if not (is_stored and is_folded):
        return RowDifference(this, {} if is_stored else None, {} if is_folded else None)
    differing = [
        (name, one, other) for name, one, other in zip(names, stored, ours, strict=True) if one != other
    ]
    return RowDifference(
        this, {name: one for name, one, _ in differing}, {name: other for name, _, other in differing}
    )
