from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.actor import is_the_actors
from adapters.postgres.ids import ID
from adapters.postgres.rows import document, metadata, newest_first
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
from application.audit.reading.sight import Sight
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id

audit_jobs = Table(
    "audit_jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID),
    Column("kind", Text),
    Column("subject_id", ID),
    Column("since_position", BigInteger),
    Column("until_position", BigInteger),
    Column("status", Text),
    Column("reached", BigInteger),
    Column("goal", BigInteger),
    Column("sound", Boolean),
    Column("report", JSONB(none_as_null=True)),
    Column("reason", Text),
    Column("asked_at", DateTime(timezone=True)),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("lives_until", DateTime(timezone=True)),
)
_ROW: Final = audit_jobs.c
_OPEN: Final = _ROW.status.in_([AuditStatus.QUEUED, AuditStatus.RUNNING])
_ONE_AFTER_ANOTHER: Final = text("SELECT FROM users WHERE id = :user FOR UPDATE")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PostgresAuditJobs:
    """Audits that take long, in PostgreSQL."""

    connection: AsyncConnection

    async def add(self, job: AuditJob) -> None:
        """Put a new one on record; raises TooManyAudits, and StaleWrite for an id that is taken."""
        await self.connection.execute(_ONE_AFTER_ANOTHER, {"user": job.sight.viewer})
        row = {
            "id": job.id,
            "user_id": job.sight.viewer,
            "kind": job.kind.value,
            "subject_id": job.sight.subject,
            "since_position": job.since,
            "until_position": job.until,
            "status": job.status.value,
            "asked_at": job.asked_at,
        }
        if await self.connection.scalar(select(_ROW.id).where(_ROW.id == job.id)) is not None:
            raise StaleWrite(f"This {job.kind}")
        await self.connection.execute(insert(audit_jobs).values(row))
        theirs = select(
            func.count().filter(_OPEN), func.count().filter(_ROW.asked_at > job.asked_at - _DAY)
        ).where(_ROW.user_id == job.sight.viewer)
        waiting, today = (await self.connection.execute(theirs)).one()
        TooManyAudits.refuse(waiting=waiting, today=today)

    async def get(self, kind: AuditKind, id: Id) -> AuditJob:
        """Return one, or raise AuditJobNotFound."""
        query = select(audit_jobs).where(is_the_actors(_ROW.user_id), _ROW.kind == kind.value, _ROW.id == id)
        for row in await self.connection.execute(query):
            return _job_of(row)
        raise AuditJobNotFound(kind, id)

    async def newest(self, kind: AuditKind, *, before: Id | None, limit: int) -> Sequence[AuditJob]:
        """Return the actor's, newest first, continuing before an id."""
        wanted = (is_the_actors(_ROW.user_id), _ROW.kind == kind.value)
        page = newest_first(audit_jobs, _ROW.asked_at, *wanted, before=before, limit=limit)
        return [_job_of(row) for row in await self.connection.execute(page)]

    async def cancel(self, kind: AuditKind, id: Id, *, at: datetime) -> AuditJob:
        """End it wherever it is; raises AuditJobNotFound and AuditOver."""
        known = await self.get(kind, id)
        ended = {"status": AuditStatus.CANCELLED.value, "ended_at": at}
        mine = (is_the_actors(_ROW.user_id), _ROW.id == id, _OPEN)
        done = await self.connection.execute(
            update(audit_jobs).where(*mine).values(ended).returning(*audit_jobs.c)
        )
        for row in done:
            return _job_of(row)
        raise AuditOver(kind, (await self.get(kind, id)).status if known.ended_at is None else known.status)

    async def take(self, id: Id, *, at: datetime) -> AuditJob | None:
        """Begin with it, or begin anew with one whose worker is silent."""
        free = or_(_ROW.status == AuditStatus.QUEUED.value, _ROW.lives_until <= at)
        begun = {
            "status": AuditStatus.RUNNING.value,
            "started_at": func.coalesce(_ROW.started_at, at),
            "lives_until": at + LEASE,
            "reached": 0,
            "goal": None,
        }
        done = await self.connection.execute(
            update(audit_jobs).where(_ROW.id == id, _OPEN, free).values(begun).returning(*audit_jobs.c)
        )
        return next(map(_job_of, done), None)

    async def advance(self, id: Id, *, reached: Place, goal: Place | None, at: datetime) -> bool:
        """Give a sign of life; False when the job is to be left."""
        return await self._running(id, {"reached": reached, "goal": goal, "lives_until": at + LEASE})

    async def give_back(self, id: Id) -> None:
        """Let another worker have it at once."""
        await self._running(id, {"status": AuditStatus.QUEUED.value, "lives_until": None})

    async def succeed(
        self, id: Id, report: Verification | ReplayReport, *, sound: bool, at: datetime
    ) -> None:
        """Put what was found on record, unless it was cancelled meanwhile."""
        ended = {"status": AuditStatus.SUCCEEDED.value, "ended_at": at, "reached": report.until}
        found = {"goal": report.until, "sound": sound, "report": document(report)}
        await self._running(id, {**ended, **found})

    async def fail(self, id: Id, reason: str, *, at: datetime) -> None:
        """Say why there will be no report, unless it was cancelled meanwhile."""
        await self._running(id, {"status": AuditStatus.FAILED.value, "ended_at": at, "reason": reason})

    async def forsaken(self, *, at: datetime, limit: int) -> Sequence[Id]:
        """Return those that wait for too long, or whose worker is silent."""
        silent = func.coalesce(_ROW.lives_until, _ROW.asked_at + LEASE) <= at
        query = select(_ROW.id).where(_OPEN, silent).order_by(_ROW.asked_at).limit(limit)
        return list(await self.connection.scalars(query))

    async def prune(self, *, before: datetime) -> None:
        """Forget those that ended before then."""
        await self.connection.execute(
            delete(audit_jobs).where(_ROW.asked_at < before, _ROW.ended_at < before)
        )

    async def _running(self, id: Id, values: dict[str, object]) -> bool:
        mine = (_ROW.id == id, _ROW.status == AuditStatus.RUNNING.value)
        done = await self.connection.execute(
            update(audit_jobs).where(*mine).values(values).execution_options(preserve_rowcount=True)
        )
        return done.rowcount == 1


def _job_of(row: Any) -> AuditJob:
    return AuditJob(
        id=row.id,
        kind=AuditKind(row.kind),
        sight=Sight(row.user_id, row.subject_id),
        since=Place(row.since_position),
        until=None if row.until_position is None else Place(row.until_position),
        asked_at=row.asked_at,
        status=AuditStatus(row.status),
        reached=Place(row.reached),
        goal=None if row.goal is None else Place(row.goal),
        sound=row.sound,
        report=row.report,
        reason=row.reason,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
