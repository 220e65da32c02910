import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from adapters.jobs.tasks import add_tasks
from adapters.jobs.worker import run
from adapters.postgres.listening import news
from entrypoints.container.http import Http
from entrypoints.container.worker import Background
from entrypoints.http.server import serving
from entrypoints.settings import Settings
from entrypoints.worker.chains import ChainWatch
from entrypoints.worker.reactions import Reactions
from entrypoints.worker.worker import Worker

POLL = timedelta(seconds=2)
"""How long a fact may lie unseen when the hint of it got lost."""


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


async def work(settings: Settings, worker_url: str, stop: asyncio.Event) -> None:
    """Do everything that happens without being asked, until told to stop."""
    container = Background(settings=settings, url=worker_url)
    jobs = container.jobs_app()
    snapshots = container.snapshots()
    add_tasks(jobs, snapshot_chain=snapshots.of_chain, snapshot_wallets=snapshots.of_wallets)
    try:
        async with jobs.open_async():
            await _worker(container, settings, worker_url).run(stop)
    finally:
        await container.chains().close()
        await container.channels().close()
        await container.database().close()


def _worker(container: Background, settings: Settings, worker_url: str) -> Worker:
    chains, outbox = container.chains(), container.outbox()
    return Worker(
        chains=[
            ChainWatch(chain_id, partial(chains.heads, chain_id), chain.interval, container.jobs())
            for chain_id, chain in settings.chains.items()
        ],
        jobs=partial(_do_jobs, container, settings),
        reactions=Reactions(
            (container.detect_signals(), container.raise_alerts(), container.observe_new_wallets()),
            wakes=partial(news, worker_url, poll=POLL),
            done=outbox.call,
        ),
        outbox=outbox,
        upkeep=(container.expire_signals(), container.keep_partitions()),
        receive_codes=container.receive_telegram_codes() if container.channels().inbox else None,
    )


async def _do_jobs(container: Background, settings: Settings, stop: asyncio.Event) -> None:
    await run(container.jobs_app(), concurrency=settings.jobs_at_once, stop=stop)


def _with_port(settings: Settings) -> Settings:
    """Choose a port where any will do: sign-in messages name it, so it has to be known before the server listens."""
    if settings.http.port:
        return settings
    with socket.create_server((settings.http.host, 0)) as found:
        port = found.getsockname()[1]
    return settings.model_copy(update={"http": settings.http.model_copy(update={"port": port})})
