from typing import Any, cast

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection


async def driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """Return psycopg's own connection, in the same transaction: for COPY, arrays and reads that have to be quick."""
    raw = await connection.get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
