from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import AsyncConnection

from adapters.postgres.timeouts import timed_conninfo
from adapters.postgres.urls import conninfo

APPLICATION: Final = "plimsoll appender"
"""How the connection is called in `pg_stat_activity`."""


@dataclass(slots=True)
class Session:
    """The one connection of an appender, in autocommit: each statement is a transaction. Made anew when it is lost."""

    url: str = field(repr=False)
    _connection: AsyncConnection[Any] | None = None

    async def connection(self) -> AsyncConnection[Any]:
        """Return the connection, opened if there is none that lives."""
        if self._connection is None or self._connection.closed:
            self._connection = await AsyncConnection.connect(
                timed_conninfo(conninfo(self.url)), autocommit=True, application_name=APPLICATION
            )
        return self._connection

    async def drop(self) -> None:
        """Close it, whatever state it is in."""
        known, self._connection = self._connection, None
        if known is not None:
            await known.close()
