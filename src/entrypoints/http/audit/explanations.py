from dataclasses import dataclass, replace

from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explain_intent import ExplainIntent
from application.audit.ports import AuditWork
from domain.shared.ids import AlertId, IntentId, UserId
from entrypoints.http.alerts import AlertPath
from entrypoints.http.audit.sight import Sights, WhoseQuery
from entrypoints.http.audit.views import IntentReplayView, ReplayView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.intent_models import IntentPath


@dataclass(frozen=True, slots=True)
class ExplanationsApi:
    """Why things happened, told from the log alone."""

    sights: Sights[AuditWork]
    alert: ExplainAlert
    intent: ExplainIntent

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        alert, intent = "/v1/audit/alerts/{alert_id}", "/v1/audit/intents/{intent_id}"
        refused = (403, 404)
        return (
            Endpoint(method="GET", path=f"{alert}/explanation", handler=self.get_alert, refusals=refused),
            Endpoint(method="GET", path=f"{alert}/replay", handler=self.get_alert, refusals=refused),
            Endpoint(method="GET", path=f"{intent}/explanation", handler=self.get_intent, refusals=refused),
        )

    async def get_alert(self, caller: UserId, path: AlertPath, query: WhoseQuery) -> ReplayView:
        """Tell from the log why an alert fired, and decide it again, byte for byte."""
        door = await self.sights(caller, query.user, what=f"the explanation of alert {path.alert_id}")
        explain = replace(self.alert, begin=door)
        return ReplayView.of(await explain(actor=door.sight.subject, alert_id=AlertId(path.alert_id)))

    async def get_intent(self, caller: UserId, path: IntentPath, query: WhoseQuery) -> IntentReplayView:
        """Tell from the log what became of an intent, ask its policies again, and decide it again, byte for byte."""
        door = await self.sights(caller, query.user, what=f"the explanation of intent {path.intent_id}")
        explain = replace(self.intent, begin=door)
        told = await explain(actor=door.sight.subject, intent_id=IntentId(path.intent_id))
        return IntentReplayView.of(told)
