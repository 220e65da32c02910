import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from application.audit.jobs.audit_job import AuditJob, AuditJobsWork
from application.audit.proving.finding import Verification
from application.audit.proving.stored_log import BEGINNING
from application.audit.reading.look import NotAnOperator
from application.audit.replaying.report import ReplayReport
from application.identity.operators import OperatorsWork
from application.shared.ports import Begin, Clock, Place
from domain.shared.errors import PlimsollError, Unavailable
from domain.shared.ids import Id

EVERY: Final = 1.0
"""Seconds between signs of life."""

Told: TypeAlias = Callable[[Place, Place | None], None]
"""Told how far an audit has come, and how far it goes where that is known."""

Audits: TypeAlias = Callable[[AuditJob, Told], Awaitable[ReplayReport | Verification]]
"""Does what a job asks for."""


class RunAuditWork(AuditJobsWork, OperatorsWork, Protocol):
    """What running an audit needs of its transactions."""


@dataclass(slots=True)
class _Progress:
    reached: Place = BEGINNING
    goal: Place | None = None

    def tell(self, reached: Place, goal: Place | None) -> None:
        self.reached, self.goal = reached, goal


@dataclass(frozen=True, slots=True)
class RunAudit:
    """Do an audit that waits, and put on record how far it has come while it lasts.

    A worker that dies in the midst of it is silent from then on, and another begins anew: nothing but time is lost.
    """

    begin: Begin[RunAuditWork]
    clock: Clock
    audits: Audits
    every: float = EVERY

    async def __call__(self, job_id: Id) -> None:
        """Do it, unless another does or it was cancelled; raises Unavailable, and then it waits again."""
        async with self.begin(None) as work:
            job = await work.audit_jobs.take(job_id, at=self.clock.now())
        if job is None:
            return
        try:
            await self._allowed(job)
            found = await self._watched(job)
        except (asyncio.CancelledError, Unavailable):
            await self._give_back(job)
            raise
        except PlimsollError as refusal:
            async with self.begin(None) as work:
                await work.audit_jobs.fail(job.id, str(refusal), at=self.clock.now())
            return
        except Exception:
            async with self.begin(None) as work:
                reason = "Something broke while this was carried out; the worker's log says what."
                await work.audit_jobs.fail(job.id, reason, at=self.clock.now())
            raise
        if found is not None:
            async with self.begin(None) as work:
                await work.audit_jobs.succeed(job.id, found, sound=_sound(found), at=self.clock.now())

    async def _allowed(self, job: AuditJob) -> None:
        if job.sight.own:
            return
        async with self.begin(None) as work:
            operator = await work.operators.get(job.sight.viewer)
        if operator is None or not operator.stands:
            raise NotAnOperator

    async def _watched(self, job: AuditJob) -> ReplayReport | Verification | None:
        """Return what was found; None when the job was cancelled on the way."""
        progress = _Progress()
        audit = asyncio.ensure_future(self.audits(job, progress.tell))
        try:
            while True:
                done, _ = await asyncio.wait({audit}, timeout=self.every)
                if done:
                    return audit.result()
                if not await self._told(job, progress):
                    return None
        finally:
            if not audit.done():
                audit.cancel()
                await asyncio.wait({audit})

    async def _told(self, job: AuditJob, progress: _Progress) -> bool:
        async with self.begin(None) as work:
            return await work.audit_jobs.advance(
                job.id, reached=progress.reached, goal=progress.goal, at=self.clock.now()
            )

    async def _give_back(self, job: AuditJob) -> None:
        try:
            async with self.begin(None) as work:
                await work.audit_jobs.give_back(job.id)
        except Unavailable:
            return  # whoever finds it silent takes it up


def _sound(found: ReplayReport | Verification) -> bool:
    return found.identical if isinstance(found, ReplayReport) else found.untouched
