from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from adapters.codec.json import canonical
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.audit.jobs.audit_job import (
    LEASE,
    AuditJob,
    AuditJobNotFound,
    AuditKind,
    AuditOver,
    AuditStatus,
    TooManyAudits,
)
from application.audit.proving.finding import Verification
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MemoryAuditJobs:
    """Audits that take long, in memory; beside each, until when its worker is thought to live."""

    transaction: Transaction

    @property
    def _jobs(self) -> Table[Id, AuditJob]:
        return Table(self.transaction, "audit_jobs")

    @property
    def _leases(self) -> Table[Id, datetime]:
        return Table(self.transaction, "audit_leases")

    async def add(self, job: AuditJob) -> None:
        """Put a new one on record; raises TooManyAudits, and StaleWrite for an id that is taken."""
        await self.transaction.hold(("audits of", job.sight.viewer))
        if self._jobs.get(job.id) is not None:
            raise StaleWrite(f"This {job.kind}")
        await self._jobs.put(job.id, job)
        theirs = [one for one in self._jobs.all() if one.sight.viewer == job.sight.viewer]
        TooManyAudits.refuse(
            waiting=sum(one.ended_at is None for one in theirs),
            today=sum(one.asked_at > job.asked_at - _DAY for one in theirs),
        )

    async def get(self, kind: AuditKind, id: Id) -> AuditJob:
        """Return one, or raise AuditJobNotFound."""
        job = self._jobs.get(id)
        if job is None or job.kind is not kind or job.sight.viewer != self.transaction.actor:
            raise AuditJobNotFound(kind, id)
        return job

    async def newest(self, kind: AuditKind, *, before: Id | None, limit: int) -> Sequence[AuditJob]:
        """Return the actor's, newest first, continuing before an id."""
        mine = [one for one in self._jobs.all() if one.sight.viewer == self.transaction.actor]
        found = sorted(
            (one for one in mine if one.kind is kind), key=lambda one: (one.asked_at, one.id), reverse=True
        )
        ids = [one.id for one in found]
        if before is not None:
            found = found[ids.index(before) + 1 :] if before in ids else []
        return found[:limit]

    async def cancel(self, kind: AuditKind, id: Id, *, at: datetime) -> AuditJob:
        """End it wherever it is; raises AuditJobNotFound and AuditOver."""
        await self._jobs.hold(id)
        job = await self.get(kind, id)
        if job.ended_at is not None:
            raise AuditOver(kind, job.status)
        cancelled = replace(job, status=AuditStatus.CANCELLED, ended_at=at)
        await self._jobs.put(id, cancelled)
        return cancelled

    async def take(self, id: Id, *, at: datetime) -> AuditJob | None:
        """Begin with it, or begin anew with one whose worker is silent."""
        await self._jobs.hold(id)
        job, lease = self._jobs.get(id), self._leases.get(id)
        if job is None or job.ended_at is not None:
            return None
        if job.status is AuditStatus.RUNNING and (lease is None or lease > at):
            return None
        begun = replace(
            job,
            status=AuditStatus.RUNNING,
            started_at=job.started_at or at,
            reached=Place(0),
            goal=None,
        )
        await self._jobs.put(id, begun)
        await self._leases.put(id, at + LEASE)
        return begun

    async def advance(self, id: Id, *, reached: Place, goal: Place | None, at: datetime) -> bool:
        """Give a sign of life; False when the job is to be left."""
        job = await self._running(id)
        if job is None:
            return False
        await self._jobs.put(id, replace(job, reached=reached, goal=goal))
        await self._leases.put(id, at + LEASE)
        return True

    async def give_back(self, id: Id) -> None:
        """Let another worker have it at once."""
        job = await self._running(id)
        if job is not None:
            await self._jobs.put(id, replace(job, status=AuditStatus.QUEUED))
            await self._leases.remove(id)

    async def succeed(
        self, id: Id, report: Verification | ReplayReport, *, sound: bool, at: datetime
    ) -> None:
        """Put what was found on record, unless it was cancelled meanwhile."""
        job = await self._running(id)
        if job is not None:
            ended = replace(job, status=AuditStatus.SUCCEEDED, ended_at=at, reached=report.until)
            told = orjson.loads(canonical(report))
            await self._jobs.put(id, replace(ended, goal=report.until, sound=sound, report=told))

    async def fail(self, id: Id, reason: str, *, at: datetime) -> None:
        """Say why there will be no report, unless it was cancelled meanwhile."""
        job = await self._running(id)
        if job is not None:
            await self._jobs.put(id, replace(job, status=AuditStatus.FAILED, ended_at=at, reason=reason))

    async def forsaken(self, *, at: datetime, limit: int) -> Sequence[Id]:
        """Return those that wait for too long, or whose worker is silent."""
        waiting = (one for one in self._jobs.all() if one.ended_at is None)
        silent = [one for one in waiting if (self._leases.get(one.id) or one.asked_at + LEASE) <= at]
        return [one.id for one in sorted(silent, key=lambda one: one.asked_at)][:limit]

    async def prune(self, *, before: datetime) -> None:
        """Forget those that ended before then."""
        for job in self._jobs.all():
            if job.ended_at is not None and job.ended_at < before and job.asked_at < before:
                await self._jobs.remove(job.id)

    async def _running(self, id: Id) -> AuditJob | None:
        await self._jobs.hold(id)
        job = self._jobs.get(id)
        return job if job is not None and job.status is AuditStatus.RUNNING else None
