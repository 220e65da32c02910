from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from application.audit.proving.finding import Verification
from application.audit.proving.stored_log import BEGINNING
from application.audit.reading.sight import Sight
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from domain.shared.errors import Conflict, NotFound
from domain.shared.ids import Id

LEASE: Final = timedelta(seconds=15)
"""How long a worker may be silent before another takes its job up again."""

MOST_AT_ONCE: Final = 2
"""Audits that one person may have waiting or under way."""

MOST_A_DAY: Final = 50
"""Audits that one person may ask for within a day."""


class AuditKind(StrEnum):
    """What is done."""

    REPLAY = "replay"
    VERIFICATION = "verification"


class AuditStatus(StrEnum):
    """How far it has come."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AuditJobNotFound(NotFound):
    """There is no such audit, or it is not the asker's."""

    def __init__(self, kind: AuditKind, id: Id) -> None:
        super().__init__(f"There is no {kind} {id}.")


class AuditOver(Conflict):
    """What has ended cannot be cancelled."""

    def __init__(self, kind: AuditKind, status: AuditStatus) -> None:
        super().__init__(f"This {kind} is over ({status}), so there is nothing to cancel.")


class TooManyAudits(Conflict):
    """A person's audits are bounded."""

    @staticmethod
    def refuse(*, waiting: int, today: int) -> None:
        """Raise for a person with so many under way, and so many within a day, the new one included."""
        if waiting > MOST_AT_ONCE:
            raise TooManyAudits(f"{MOST_AT_ONCE} of your audits are under way; wait for one, or cancel it.")
        if today > MOST_A_DAY:
            raise TooManyAudits(f"You asked for {MOST_A_DAY} audits within a day; ask again later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditJob:
    """An audit that takes long: who asked, what of whose, how far it has come, and what it found.

    `succeeded` means that it came to its end; `sound` says whether nothing was found then.
    """

    id: Id
    kind: AuditKind
    sight: Sight
    since: Place
    until: Place | None
    asked_at: datetime
    status: AuditStatus = AuditStatus.QUEUED
    reached: Place = BEGINNING
    goal: Place | None = None
    sound: bool | None = None
    report: Mapping[str, object] | None = None
    reason: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class AuditJobs(Protocol):
    """Audits that take long. An actor sees what they asked for; of others' data, only while they are an operator."""

    async def add(self, job: AuditJob) -> None:
        """Put a new one on record; raises TooManyAudits for a person who has too many."""
        ...

    async def get(self, kind: AuditKind, id: Id) -> AuditJob:
        """Return one, or raise AuditJobNotFound."""
        ...

    async def newest(self, kind: AuditKind, *, before: Id | None, limit: int) -> Sequence[AuditJob]:
        """Return the actor's, newest first, continuing before an id."""
        ...

    async def cancel(self, kind: AuditKind, id: Id, *, at: datetime) -> AuditJob:
        """End it wherever it is; raises AuditJobNotFound and AuditOver."""
        ...

    async def take(self, id: Id, *, at: datetime) -> AuditJob | None:
        """Begin with it, or begin anew with one whose worker is silent; None when nobody is to do it now."""
        ...

    async def advance(self, id: Id, *, reached: Place, goal: Place | None, at: datetime) -> bool:
        """Give a sign of life; False when the job is to be left, because it was cancelled or is no longer ours."""
        ...

    async def give_back(self, id: Id) -> None:
        """Let another worker have it at once."""
        ...

    async def succeed(
        self, id: Id, report: Verification | ReplayReport, *, sound: bool, at: datetime
    ) -> None:
        """Put what was found on record, unless it was cancelled meanwhile."""
        ...

    async def fail(self, id: Id, reason: str, *, at: datetime) -> None:
        """Say why there will be no report, unless it was cancelled meanwhile."""
        ...

    async def forsaken(self, *, at: datetime, limit: int) -> Sequence[Id]:
        """Return those that wait for too long, or whose worker is silent: nobody may know of them any more."""
        ...

    async def prune(self, *, before: datetime) -> None:
        """Forget those that ended before then."""
        ...


class AuditJobsWork(Protocol):
    """What audits that take long need of their transaction."""

    @property
    def audit_jobs(self) -> AuditJobs:
        """The audits."""
        ...


class AuditQueue(Protocol):
    """Has audits done by some worker, at least once."""

    async def audit(self, job_id: Id) -> None:
        """Ask for it; while it is waiting already, asking again adds nothing."""
        ...
