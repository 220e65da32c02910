from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

AHEAD: Final = timedelta(days=92)

_ENSURE: Final = text("SELECT ensure_position_partitions(CAST(:through AS date))")
_ENSURE_EVENTS: Final = text("SELECT ensure_event_partitions()")


async def ensure_partitions(connection: AsyncConnection, *, at: datetime) -> int:
    """Make the partitions of the coming three months where they are missing, and return how many were made."""
    made = await connection.scalar(_ENSURE, {"through": (at + AHEAD).date()})
    return int(made or 0)


async def ensure_event_partitions(connection: AsyncConnection) -> int:
    """Make the partitions of the next million positions where they are missing, and return how many were made.

    An append that runs past the last one makes its own; made here, no writer has to wait for it.
    """
    made = await connection.scalar(_ENSURE_EVENTS)
    return int(made or 0)
