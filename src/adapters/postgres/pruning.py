from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

ANSWERS_KEPT: Final = timedelta(days=2)
"""How long a repeated request gets its first answer again; nobody retries for longer."""

SESSIONS_KEPT: Final = timedelta(days=30)
"""How long a session that is over can still be looked at."""

AT_ONCE: Final = 1_000

_PRUNE: Final = tuple(
    (text(f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {old} LIMIT {AT_ONCE})"), kept)  # noqa: S608
    for table, old, kept in (
        ("idempotency_keys", "created_at < :before", ANSWERS_KEPT),
        ("sessions", "least(expires_at, closed_at) < :before", SESSIONS_KEPT),
        ("contact_codes", "expires_at < :before", ANSWERS_KEPT),
    )
)


async def prune(connection: AsyncConnection, *, at: datetime) -> int:
    """Remove a bounded number of rows that served for a while and serve no more, and return how many went.

    No fact and no state is among them: only answers to requests, sessions that are over, and codes that expired.
    """
    gone = 0
    for statement, kept in _PRUNE:
        gone += (await connection.execute(statement, {"before": at - kept})).rowcount
    return gone
