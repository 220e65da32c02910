from dataclasses import dataclass

from application.audit.jobs.audit_job import AuditJob, AuditJobsWork, AuditKind
from application.shared.ports import Begin, Clock
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class GetAudit:
    """Say how far an audit has come, and what it found."""

    begin: Begin[AuditJobsWork]

    async def __call__(self, *, actor: UserId, kind: AuditKind, id: Id) -> AuditJob:
        """Return the job; raises AuditJobNotFound."""
        async with self.begin(actor) as work:
            return await work.audit_jobs.get(kind, id)


@dataclass(frozen=True, slots=True)
class ListAudits:
    """Show the audits that somebody asked for."""

    begin: Begin[AuditJobsWork]

    async def __call__(
        self, *, actor: UserId, kind: AuditKind, before: Id | None, limit: int
    ) -> tuple[AuditJob, ...]:
        """Return them newest first, continuing before an id."""
        async with self.begin(actor) as work:
            return tuple(await work.audit_jobs.newest(kind, before=before, limit=limit))


@dataclass(frozen=True, slots=True)
class CancelAudit:
    """Let an audit be; a worker that is at it stops within seconds."""

    begin: Begin[AuditJobsWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, kind: AuditKind, id: Id) -> AuditJob:
        """Return the job as it ended; raises AuditJobNotFound and AuditOver."""
        async with self.begin(actor) as work:
            return await work.audit_jobs.cancel(kind, id, at=self.clock.now())
