from dataclasses import dataclass

from application.audit.jobs.audit_job import AuditJob, AuditJobsWork, AuditKind, AuditQueue
from application.audit.proving.stored_log import BEGINNING
from application.audit.reading.look import Look, NotAnOperator
from application.audit.reading.sight import Sight
from application.shared.ports import Begin, Clock, Ids, Place
from domain.shared.errors import Invalid, StaleWrite
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class AskAudit:
    """Have an audit done by a worker, because it takes too long to wait for."""

    begin: Begin[AuditJobsWork]
    queue: AuditQueue
    look: Look
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        *,
        kind: AuditKind,
        sight: Sight,
        since: Place = BEGINNING,
        until: Place | None = None,
        id: Id | None = None,
    ) -> AuditJob:
        """Return the job as it waits; asked again under the same id, the one that is on record already.

        A verification reads everybody's facts, so only an operator may ask for one. Raises Invalid, NotAnOperator and
        TooManyAudits.
        """
        if until is not None and until <= since:
            raise Invalid(f"There is nothing after position {since} and up to {until}.")
        if kind is AuditKind.VERIFICATION and sight.subject is not None:
            raise NotAnOperator
        await self.look(sight, what=kind.value)
        job = AuditJob(
            id=self.ids.new() if id is None else id,
            kind=kind,
            sight=sight,
            since=since,
            until=until,
            asked_at=self.clock.now(),
        )
        try:
            async with self.begin(sight.viewer) as work:
                await work.audit_jobs.add(job)
        except StaleWrite:
            if id is None:
                raise
            async with self.begin(sight.viewer) as work:
                job = await work.audit_jobs.get(kind, id)
        await self.queue.audit(job.id)
        return job
