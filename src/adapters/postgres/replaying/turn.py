from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection


@asynccontextmanager
async def turn(connection: AsyncConnection) -> AsyncIterator[None]:
    """Use the transaction that is open on a connection, or else one for this alone."""
    if connection.in_transaction():
        yield
        return
    async with connection.begin():
        yield
