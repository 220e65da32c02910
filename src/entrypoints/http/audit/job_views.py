from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from application.audit.jobs.audit_job import AuditJob, AuditKind, AuditStatus
from application.shared.ports import Place
from entrypoints.http.audit.sight import EVERYBODY, Whose
from entrypoints.http.frame.fields import Identifier
from entrypoints.http.frame.models import Body, View


class ReplayBody(Body):
    """What is to be replayed: all of it where nothing is said."""

    user: Whose = None
    after: int = Field(0, ge=0, lt=2**63, description="Report differences after this position.")
    until: int | None = Field(None, ge=1, lt=2**63, description="Go no further than this position.")

    @property
    def end(self) -> Place | None:
        """Where to stop."""
        return None if self.until is None else Place(self.until)


class VerificationBody(Body):
    """A verification hashes the whole log again; there is nothing to choose."""


class ProgressView(View):
    """How far an audit has come."""

    position: int
    until: int | None = Field(description="Null until it is known.")


class AuditJobView(View):
    """An audit that takes long."""

    id: Identifier
    kind: AuditKind
    user: str = Field(description="Whose facts: a user's id, or `all`.")
    after: int
    until: int | None
    status: AuditStatus
    progress: ProgressView
    sound: bool | None = Field(description="Whether nothing was found; null until it succeeded.")
    report: Mapping[str, Any] | None = Field(description="What was looked at, and everything that was found.")
    reason: str | None = Field(description="Why there is no report.")
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def of(job: AuditJob) -> "AuditJobView":
        """Show an audit."""
        return AuditJobView(
            id=job.id,
            kind=job.kind,
            user=EVERYBODY if job.sight.subject is None else str(job.sight.subject),
            after=job.since,
            until=job.until,
            status=job.status,
            progress=ProgressView(position=job.reached, until=job.goal),
            sound=job.sound,
            report=job.report,
            reason=job.reason,
            asked_at=job.asked_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
        )
