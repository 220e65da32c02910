from dataclasses import dataclass

from application.audit.jobs.audit_job import AuditJob, AuditKind
from application.audit.jobs.run_audit import Told
from application.audit.proving.finding import Verification
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from entrypoints.container.core import Core
from entrypoints.settings import Settings
from entrypoints.worker.apart import apart


@dataclass(frozen=True, slots=True)
class Audits:
    """Does what an audit's job asks for, apart from everything else that the worker does."""

    settings: Settings
    url: str

    async def __call__(self, job: AuditJob, told: Told) -> ReplayReport | Verification:
        """Return what was found."""
        return await apart(lambda: self._do(job, told))

    async def _do(self, job: AuditJob, told: Told) -> ReplayReport | Verification:
        container = Core(settings=self.settings, url=self.url)
        try:
            if job.kind is AuditKind.VERIFICATION:
                return await _verified(container, told)
            replay = container.replay()
            found: ReplayReport = await replay(
                since=job.since, until=job.until, user=job.sight.subject, progress=told
            )
            return found
        finally:
            await container.database().close()


async def _verified(container: Core, told: Told) -> Verification:
    async with container.begin()(None) as work:
        goal: Place = await work.facts.last()

    def tell(place: Place) -> None:
        told(place, goal)

    found: Verification = await container.verify_log()(progress=tell)
    return found
