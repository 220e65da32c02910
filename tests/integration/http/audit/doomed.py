"""A worker that begins with an audit and never ends it: it is run as a process of its own, and killed."""

import asyncio
import sys

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.jobs.audit_job import AuditJob
from application.audit.jobs.run_audit import RunAudit, Told
from application.audit.proving.finding import Verification
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from domain.shared.ids import Id


async def endless(job: AuditJob, told: Told) -> ReplayReport | Verification:
    told(Place(3), Place(9))
    await asyncio.Event().wait()
    raise AssertionError(job)


async def main(url: str, job_id: str) -> None:
    worker = PostgresDatabase(url, work=PostgresWork, clock=SystemClock(), ids=SystemIds(), pool_size=1)
    await RunAudit(worker.begin, SystemClock(), endless, every=0.05)(Id(job_id))


asyncio.run(main(*sys.argv[1:]))
