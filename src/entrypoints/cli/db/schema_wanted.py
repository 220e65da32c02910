import asyncio

from adapters.postgres.schema_version import is_newest
from domain.shared.errors import Conflict
from entrypoints.database import DatabaseUrls


async def require_schema(urls: DatabaseUrls) -> None:
    """Refuse a database that is not migrated, before anything else fails on it; raises Conflict and Unavailable."""
    url = urls.admin or urls.app or urls.for_worker()
    if await asyncio.to_thread(is_newest, url):
        return
    from adapters.postgres import migrator  # takes a fifth of a second, and every command would wait for it

    found = await asyncio.to_thread(migrator.status, url)
    if found.pending:
        count = len(found.pending)
        raise Conflict(
            f"The database lacks {count} step{'s' * (count != 1)} of its schema: run `plimsoll db migrate` first."
        )
