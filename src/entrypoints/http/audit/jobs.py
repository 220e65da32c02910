from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from application.audit.jobs.ask_audit import AskAudit
from application.audit.jobs.audit_job import AuditJob, AuditKind
from application.audit.jobs.follow_audit import CancelAudit, GetAudit, ListAudits
from application.audit.proving.stored_log import BEGINNING
from application.audit.reading.sight import Sight
from application.shared.ports import Place
from domain.shared.ids import UserId, derived
from entrypoints.http.audit.job_views import AuditJobView, ReplayBody, VerificationBody
from entrypoints.http.audit.sight import sight_of
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Cursor, Identifier, Limit
from entrypoints.http.frame.models import Page, Params
from entrypoints.http.frame.paging import after_id, paged
from entrypoints.http.frame.reply import Reply

_PATHS: Final = {
    AuditKind.REPLAY: "/v1/audit/replays",
    AuditKind.VERIFICATION: "/v1/audit/verifications",
}
_SOON: Final = {"Retry-After": "1"}


class JobPath(Params):
    """Which audit."""

    job_id: Identifier


class JobsQuery(Params):
    """Where to go on, and how far."""

    cursor: Cursor | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class AuditJobsApi:
    """Audits that take long: they are asked for, followed, and read when they have ended."""

    ask: AskAudit
    get: GetAudit
    list: ListAudits
    cancel: CancelAudit

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        replays, verifications = _PATHS.values()
        return (
            Endpoint(method="POST", path=replays, handler=self.post_replay, status=202, refusals=(403,)),
            Endpoint(method="GET", path=replays, handler=self.list_replays),
            Endpoint(method="GET", path=f"{replays}/{{job_id}}", handler=self.get_replay, refusals=(404,)),
            Endpoint(
                method="DELETE", path=f"{replays}/{{job_id}}", handler=self.delete_replay, refusals=(404,)
            ),
            Endpoint(
                method="POST",
                path=verifications,
                handler=self.post_verification,
                status=202,
                refusals=(403,),
            ),
            Endpoint(method="GET", path=verifications, handler=self.list_verifications),
            Endpoint(
                method="GET",
                path=f"{verifications}/{{job_id}}",
                handler=self.get_verification,
                refusals=(404,),
            ),
            Endpoint(
                method="DELETE",
                path=f"{verifications}/{{job_id}}",
                handler=self.delete_verification,
                refusals=(404,),
            ),
        )

    async def post_replay(self, caller: UserId, body: ReplayBody, key: str | None) -> Reply[AuditJobView]:
        """Have every decision made again, and every stored state and memory compared, as far as it is the caller's.

        A worker does it; Location says where to ask how far it has come. The same Idempotency-Key always names the
        same replay.
        """
        sight = sight_of(caller, body.user)
        return await self._asked(AuditKind.REPLAY, sight, key, since=Place(body.after), until=body.end)

    async def list_replays(self, caller: UserId, query: JobsQuery) -> Page[AuditJobView]:
        """List the replays that the caller asked for, newest first."""
        return await self._listed(AuditKind.REPLAY, caller, query)

    async def get_replay(self, caller: UserId, path: JobPath) -> Reply[AuditJobView]:
        """Say how far a replay has come, and what it found."""
        return _shown(await self.get(actor=caller, kind=AuditKind.REPLAY, id=path.job_id))

    async def delete_replay(self, caller: UserId, path: JobPath) -> AuditJobView:
        """Cancel a replay; a worker that is at it stops within seconds."""
        job = await self.cancel(actor=caller, kind=AuditKind.REPLAY, id=path.job_id)
        return AuditJobView.of(job)

    async def post_verification(
        self, caller: UserId, body: VerificationBody, key: str | None
    ) -> Reply[AuditJobView]:
        """Have the whole log hashed again and held against its seals; for operators only."""
        return await self._asked(AuditKind.VERIFICATION, Sight(caller, None), key)

    async def list_verifications(self, caller: UserId, query: JobsQuery) -> Page[AuditJobView]:
        """List the verifications that the caller asked for, newest first."""
        return await self._listed(AuditKind.VERIFICATION, caller, query)

    async def get_verification(self, caller: UserId, path: JobPath) -> Reply[AuditJobView]:
        """Say how far a verification has come, and what it found."""
        return _shown(await self.get(actor=caller, kind=AuditKind.VERIFICATION, id=path.job_id))

    async def delete_verification(self, caller: UserId, path: JobPath) -> AuditJobView:
        """Cancel a verification; a worker that is at it stops within seconds."""
        job = await self.cancel(actor=caller, kind=AuditKind.VERIFICATION, id=path.job_id)
        return AuditJobView.of(job)

    async def _asked(
        self,
        kind: AuditKind,
        sight: Sight,
        key: str | None,
        *,
        since: Place = BEGINNING,
        until: Place | None = None,
    ) -> Reply[AuditJobView]:
        named = None if key is None else derived(kind, sight.viewer, key)
        job = await self.ask(kind=kind, sight=sight, since=since, until=until, id=named)
        return _shown(job, {"Location": f"{_PATHS[kind]}/{job.id}"})

    async def _listed(self, kind: AuditKind, caller: UserId, query: JobsQuery) -> Page[AuditJobView]:
        found = await self.list(actor=caller, kind=kind, before=query.cursor, limit=query.limit + 1)
        return paged(Page[AuditJobView], found, query.limit, AuditJobView.of, _cursor)


def _shown(job: AuditJob, headers: Mapping[str, str] | None = None) -> Reply[AuditJobView]:
    soon = _SOON if job.ended_at is None else {}
    return Reply(AuditJobView.of(job), headers={**soon, **(headers or {})})


def _cursor(job: AuditJob) -> str:
    return after_id(job.id)
