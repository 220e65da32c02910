from typing import Final

import psycopg
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow

HEARTBEAT: Final = 5.0  # seconds between a worker's signs of life
STALLED: Final = 20.0  # seconds without one, and the worker is dead
KEPT: Final = 7 * 24  # hours that a job which failed stays to be looked at

_EVERY_15_SECONDS: Final = "* * * * * */15"
_DAILY: Final = "17 3 * * *"


def add_upkeep(app: App, *, attempts: int) -> None:
    """Give the jobs of dead workers to the living, and forget those that ended long ago."""

    @app.periodic(cron=_EVERY_15_SECONDS)
    @app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
    async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
        await retry_stalled(context.app.job_manager, attempts=attempts)

    @app.periodic(cron=_DAILY)
    @app.task(name="prune_jobs", queueing_lock="prune_jobs", pass_context=True)
    async def prune_jobs(context: JobContext, timestamp: int) -> None:
        await context.app.job_manager.delete_old_jobs(
            nb_hours=KEPT, include_failed=True, include_cancelled=True, include_aborted=True
        )


async def retry_stalled(jobs: JobManager, *, attempts: int, after: float = STALLED) -> None:
    """Put jobs whose worker has been silent for so many seconds back into the queue, unless they had their tries."""
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=after):
        await _settle(jobs, job, attempts)


async def _settle(jobs: JobManager, job: Job, attempts: int) -> None:
    try:
        if job.attempts + 1 < attempts and await _queued_again(jobs, job):
            return
        await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
    except ConnectorException as error:
        if not isinstance(error.__cause__, psycopg.errors.RaiseException):
            raise
        # Another worker settled it first, or its own came back to life.


async def _queued_again(jobs: JobManager, job: Job) -> bool:
    try:
        await jobs.retry_job(job, retry_at=utcnow())
    except UniqueViolation:
        return False  # the same work waits already
    return True
