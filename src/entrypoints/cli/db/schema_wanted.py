import asyncio

from adapters.postgres import migrator
from domain.shared.errors import Conflict
from entrypoints.database import DatabaseUrls


async def require_schema(urls: DatabaseUrls) -> None:
    """Refuse a database that is not migrated, before anything else fails on it; raises Conflict and Unavailable."""
    found = await asyncio.to_thread(migrator.status, urls.admin or urls.app or urls.for_worker())
    if found.pending:
        count = len(found.pending)
        raise Conflict(
            f"The database lacks {count} step{'s' * (count != 1)} of its schema: run `plimsoll db migrate` first."
        )
