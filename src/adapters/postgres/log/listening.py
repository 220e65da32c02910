import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta
from typing import Final

import psycopg

from adapters.postgres.timeouts import timed_conninfo
from adapters.postgres.urls import conninfo

_LISTEN: Final = "LISTEN plimsoll_facts"


async def news(url: str, *, poll: timedelta) -> AsyncGenerator[None]:
    """Yield whenever there may be new facts: at once, when a commit says so, and after each `poll` without a word.

    A notification is a hint: several become one, and some get lost with the connection, which is made anew. While the
    database is away only the poll is left. Close the iterator (`contextlib.aclosing`) to end the connection.
    """
    address = timed_conninfo(conninfo(url))
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
        except psycopg.OperationalError:
            await asyncio.sleep(poll.total_seconds())
            yield
            continue
        with suppress(psycopg.OperationalError):
            async with connection:
                await connection.execute(_LISTEN)
                yield
                while True:
                    async for _ in connection.notifies(timeout=poll.total_seconds(), stop_after=1):
                        pass
                    yield
