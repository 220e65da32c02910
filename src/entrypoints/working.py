import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from adapters.jobs.tasks import add_tasks
from adapters.jobs.worker import run
from adapters.postgres.log.listening import news
from entrypoints.container.worker import Background
from entrypoints.settings import Settings
from entrypoints.worker.chains import ChainWatch
from entrypoints.worker.reactions import Reactions
from entrypoints.worker.worker import Worker

POLL = timedelta(seconds=2)
"""How long a fact may lie unseen when the hint of it got lost."""

JOB_PATIENCE = 4.0
"""Seconds that a job under way gets to end when the worker is told to; after that it goes back to the queue."""

_SETTLING = 1.0
"""Seconds after its start in which procrastinate may lose a wish to stop, which is then kept back."""


@asynccontextmanager
async def working(settings: Settings, worker_url: str) -> AsyncIterator[None]:
    """Let a worker work for as long as the block lasts; what is under way at its end is finished or given back.

    So it is when the block is cancelled; a second cancellation does not wait any more.
    """
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work(settings, worker_url, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait({task})  # before the group sees the cancellation, and passes it on


async def work(settings: Settings, worker_url: str, stop: asyncio.Event) -> None:
    """Do everything that happens without being asked, until told to stop."""
    container = Background(settings=settings, url=worker_url)
    jobs = container.jobs_app()
    snapshots = container.snapshots()
    add_tasks(
        jobs,
        snapshot_chain=snapshots.of_chain,
        snapshot_wallets=snapshots.of_wallets,
        audit=container.run_audit(),
    )
    try:
        async with jobs.open_async():
            await _worker(container, settings, worker_url).run(stop)
    finally:
        await container.chains().close()
        await container.channels().close()
        await container.database().close()


def _worker(container: Background, settings: Settings, worker_url: str) -> Worker:
    chains, outbox = container.chains(), container.outbox()
    container.anchor()  # what is wrong with its settings is told now, not when the first seal is due
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
        upkeep=(
            container.expire_signals(),
            container.keep_tables(),
            container.keep_sealed(),
            container.keep_audits(),
        ),
        receive_codes=container.receive_telegram_codes() if container.channels().inbox else None,
    )


async def _do_jobs(container: Background, settings: Settings, stop: asyncio.Event) -> None:
    told = asyncio.Event()
    telling = asyncio.create_task(_tell(told, stop))
    try:
        await run(container.jobs_app(), concurrency=settings.jobs_at_once, stop=told, patience=JOB_PATIENCE)
    finally:
        telling.cancel()


async def _tell(told: asyncio.Event, stop: asyncio.Event) -> None:
    await asyncio.sleep(_SETTLING)
    await stop.wait()
    told.set()
