from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg.rows import namedtuple_row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of


async def fetch(connection: AsyncConnection, query: LiteralString, values: Mapping[str, object]) -> list[Any]:
    """Run a query past SQLAlchemy, for what runs often or reads many rows; columns are attributes."""
    driver = await driver_of(connection)
    async with driver.cursor(binary=True, row_factory=namedtuple_row) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def run(connection: AsyncConnection, statement: LiteralString, values: Mapping[str, object]) -> None:
    """Run a statement past SQLAlchemy, for what runs often or writes many rows."""
    driver = await driver_of(connection)
    await driver.execute(statement, values)
