from dataclasses import dataclass

from application.audit.explain_alert import ExplainAlert
from application.audit.list_facts import ListFacts
from application.shared.ports import Place, Recorded
from domain.shared.ids import AlertId, UserId
from entrypoints.http.alerts import AlertPath
from entrypoints.http.audit_views import FactView, ReplayView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Limit, PlaceCursor
from entrypoints.http.frame.models import Page, Params
from entrypoints.http.frame.paging import after_place, paged


class FactsQuery(Params):
    """Where to go on in the log, and how far."""

    cursor: PlaceCursor | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class AuditApi:
    """What the log holds of the caller, and what can be proven from it."""

    list: ListFacts
    explain: ExplainAlert

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/v1/audit/events", handler=self.list_events),
            Endpoint(
                method="GET",
                path="/v1/audit/alerts/{alert_id}/replay",
                handler=self.get_replay,
                refusals=(404,),
            ),
        )

    async def list_events(self, caller: UserId, query: FactsQuery) -> Page[FactView]:
        """List the facts that the log holds of the caller, oldest first."""
        found = await self.list(actor=caller, after=Place(query.cursor or 0), limit=query.limit + 1)
        return paged(Page[FactView], found, query.limit, FactView.of, _cursor)

    async def get_replay(self, caller: UserId, path: AlertPath) -> ReplayView:
        """Tell from the log why an alert fired, and decide it again, byte for byte."""
        explanation = await self.explain(actor=caller, alert_id=AlertId(path.alert_id))
        return ReplayView.of(explanation)


def _cursor(recorded: Recorded) -> str:
    return after_place(recorded.place)
