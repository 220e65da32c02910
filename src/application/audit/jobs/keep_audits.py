from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.audit.jobs.audit_job import AuditJobsWork, AuditQueue
from application.shared.ports import Begin, Clock

KEPT: Final = timedelta(days=30)
"""How long what an audit found can be looked at."""

AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class KeepAudits:
    """Asks again for audits that nobody seems to do, and forgets those that ended long ago."""

    begin: Begin[AuditJobsWork]
    queue: AuditQueue
    clock: Clock

    async def __call__(self) -> None:
        """Do both, a bounded number at a time."""
        at = self.clock.now()
        async with self.begin(None) as work:
            await work.audit_jobs.prune(before=at - KEPT)
            forsaken = await work.audit_jobs.forsaken(at=at, limit=AT_ONCE)
        for job_id in forsaken:
            await self.queue.audit(job_id)
