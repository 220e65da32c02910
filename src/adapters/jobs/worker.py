import asyncio
import logging
from typing import Final

import psycopg
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from adapters.jobs.upkeep import HEARTBEAT, STALLED

_PAUSE: Final = 1.0  # seconds before a worker that lost its database begins anew

_GRACE: Final = 3.0  # seconds beyond its patience after which procrastinate should have ended

log = logging.getLogger(__name__)


async def run(
    app: App, *, concurrency: int, stop: asyncio.Event, patience: float = 20.0, poll: float = 5.0
) -> None:
    """Do jobs until told to stop; those under way then get `patience` seconds, and go back to the queue after that.

    The app is open. Outlives a database that goes away and comes back. `poll` is how long, in seconds, a job may lie
    unseen when its notification got lost.
    """
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            working = asyncio.create_task(_work(app, concurrency, patience, poll))
            await _work_until(stopping, working, patience=patience)
    finally:
        stopping.cancel()


async def _work_until(stopping: asyncio.Task[bool], working: asyncio.Task[None], *, patience: float) -> None:
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(working, within=patience + _GRACE)
    _excuse(working)
    await asyncio.wait({stopping}, timeout=_PAUSE)


async def _end(working: asyncio.Task[None], *, within: float) -> None:
    """Cancel, which procrastinate takes as the wish to end in good order; again where the wish got lost on its way."""
    while True:
        working.cancel()
        ended, _ = await asyncio.wait({working}, timeout=within)
        if ended:
            return
        log.warning("The jobs do not end; asking them again.")


async def _work(app: App, concurrency: int, patience: float, poll: float) -> None:
    await app.run_worker_async(
        concurrency=concurrency,
        install_signal_handlers=False,
        shutdown_graceful_timeout=patience,
        fetch_job_polling_interval=poll,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED,
        delete_jobs="successful",
    )


def _excuse(working: asyncio.Task[None]) -> None:
    """Let a database that went away pass, and nothing else."""
    if working.cancelled():
        return
    error = working.exception()
    if isinstance(error, ConnectorException) and isinstance(error.__cause__, psycopg.OperationalError):
        log.warning("The database does not answer; the worker tries again.")
    elif error is not None:
        raise error
