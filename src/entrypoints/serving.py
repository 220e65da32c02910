import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrypoints.container.http import Http
from entrypoints.http.server import serving
from entrypoints.settings import Settings


@asynccontextmanager
async def http_server(settings: Settings, app_url: str) -> AsyncIterator[str]:
    """Serve the HTTP API until the block is left, and yield its URL; raises Conflict when the port is taken."""
    settings = _with_port(settings)
    container = Http(settings=settings, url=app_url)
    try:
        async with (
            container.jobs_app().open_async(),
            serving(container.app(), host=settings.http.host, port=settings.http.port) as url,
        ):
            yield url
    finally:
        await container.chains().close()
        await container.channels().close()
        await container.database().close()


def _with_port(settings: Settings) -> Settings:
    """Choose a port where any will do: sign-in messages name it, so it has to be known before the server listens."""
    if settings.http.port:
        return settings
    with socket.create_server((settings.http.host, 0)) as found:
        port = found.getsockname()[1]
    return settings.model_copy(update={"http": settings.http.model_copy(update={"port": port})})
