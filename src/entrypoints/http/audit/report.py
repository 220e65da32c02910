from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explanation import Explanation
from application.audit.proving.prove_facts import ProveFacts
from application.audit.reading.sight import Door
from application.shared.ports import Clock
from domain.shared.ids import AlertId, UserId
from entrypoints.cli.audit.proof_file import ProofFile
from entrypoints.http.alerts import AlertPath
from entrypoints.http.audit.facts import SightWork
from entrypoints.http.audit.report_page import AlertReport, page_of
from entrypoints.http.audit.sight import Sights, WhoseQuery
from entrypoints.http.audit.views import ReplayView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import View

_LATER: Final = (
    "The log is sealed every five minutes; ask for the report again later to have them proven too."
)
_KEYLESS: Final = "This server was not told the public keys of the seals, so it hands out no proofs."


class AlertReportView(View):
    """An alert's story, and the proof that its facts are on record."""

    made_at: datetime
    explanation: ReplayView
    proofs: tuple[ProofFile, ...] = Field(
        description="One for each fact, as `plimsoll audit verify-proof` takes them."
    )
    unproven: tuple[int, ...] = Field(description="Positions that no seal covers yet.")
    keys: tuple[str, ...] = Field(description="The public keys that verify the seals, as PEM.")

    @staticmethod
    def of(report: AlertReport) -> "AlertReportView":
        """Show a report."""
        return AlertReportView(
            made_at=report.made_at,
            explanation=ReplayView.of(report.told),
            proofs=tuple(map(ProofFile.of, report.proofs)),
            unproven=report.unproven,
            keys=tuple(report.keys),
        )


@dataclass(frozen=True, slots=True)
class ReportApi:
    """What a person can keep: the whole story of one alert, with its proof, as a document."""

    sights: Sights[SightWork]
    explain: ExplainAlert
    prove: ProveFacts
    clock: Clock
    keys: Mapping[bytes, str]

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(
                method="GET",
                path="/v1/audit/alerts/{alert_id}/report",
                handler=self.get_report,
                media="text/html",
                also=AlertReportView,
                cached=False,
                refusals=(403, 404),
            ),
        )

    async def get_report(
        self, caller: UserId, path: AlertPath, query: WhoseQuery, request: web.Request
    ) -> web.Response:
        """Hand out one document with an alert's story, its decisions made again, and the proof of its facts.

        A page that needs nothing else and can be printed; with `Accept: application/json`, the same for a program.
        """
        door = await self.sights(caller, query.user, what=f"the report of alert {path.alert_id}")
        explain = replace(self.explain, begin=door)
        told = await explain(actor=door.sight.subject, alert_id=AlertId(path.alert_id))
        report = await self._proven(door, told)
        if _wants_json(request):
            body = AlertReportView.of(report).model_dump_json()
            return _attached(body, f"plimsoll-alert-{told.alert.id}.json", "application/json")
        page, policy = page_of(report)
        answer = _attached(page, f"plimsoll-alert-{told.alert.id}.html", "text/html")
        answer.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'; sandbox"
        return answer

    async def _proven(self, door: Door[SightWork], told: Explanation) -> AlertReport:
        places = sorted({step.place for step in told.steps if step.place is not None})
        known = bool(self.prove.keys.ids)
        prove = replace(self.prove, begin=door)
        proofs = await prove(places=places, sealed_only=True) if known else ()
        proven = {proof.fact.place for proof in proofs}
        return AlertReport(
            made_at=self.clock.now(),
            told=told,
            proofs=proofs,
            unproven=tuple(place for place in places if place not in proven),
            why_unproven=_LATER if known else _KEYLESS,
            keys=tuple(self.keys.values()),
        )


def _wants_json(request: web.Request) -> bool:
    accepted = request.headers.get("Accept", "").lower()
    return "application/json" in accepted and "text/html" not in accepted


def _attached(text: str, name: str, media: str) -> web.Response:
    return web.Response(
        text=text,
        content_type=media,
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"},
    )
