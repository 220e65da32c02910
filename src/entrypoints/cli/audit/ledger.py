from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrypoints.cli.configuration import load_settings
from entrypoints.cli.db.schema_wanted import require_schema
from entrypoints.container.core import Core
from entrypoints.database import database


@asynccontextmanager
async def ledger() -> AsyncIterator[Core]:
    """Open the configured database as the one who serves everybody, to read what the log says."""
    settings = load_settings()
    async with database(settings) as urls:
        await require_schema(urls)
        container = Core(settings=settings, url=urls.for_worker())
        try:
            yield container
        finally:
            await container.database().close()
