from dataclasses import dataclass

from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.list_alerts import GetAlert, ListAlerts
from domain.alerts.alert import Alert, AlertStatus
from domain.shared.ids import AlertId, UserId
from entrypoints.http.alert_views import AlertView, DeliveredAlertView, DeliveryView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Cursor, Identifier, Limit
from entrypoints.http.frame.models import Page, Params
from entrypoints.http.frame.paging import after_id, paged


class AlertPath(Params):
    """Which alert."""

    alert_id: Identifier


class AlertsQuery(Params):
    """Which alerts, and how many; `status` may be repeated."""

    status: tuple[AlertStatus, ...] = ()
    cursor: Cursor | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class AlertsApi:
    """The caller's reasons to look."""

    list: ListAlerts
    get: GetAlert
    acknowledge: AcknowledgeAlert

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        one = "/v1/alerts/{alert_id}"
        return (
            Endpoint(method="GET", path="/v1/alerts", handler=self.list_alerts),
            Endpoint(method="GET", path=one, handler=self.get_alert, refusals=(404,)),
            Endpoint(
                method="POST",
                path=f"{one}/acknowledgement",
                handler=self.post_acknowledgement,
                status=204,
                refusals=(404,),
            ),
        )

    async def list_alerts(self, caller: UserId, query: AlertsQuery) -> Page[AlertView]:
        """List the caller's alerts, newest first."""
        before = AlertId(query.cursor) if query.cursor else None
        found = await self.list(actor=caller, status=query.status, before=before, limit=query.limit + 1)
        return paged(Page[AlertView], found, query.limit, AlertView.of, _cursor)

    async def get_alert(self, caller: UserId, path: AlertPath) -> DeliveredAlertView:
        """Show one alert, with every attempt to hand it over and the receipts."""
        found = await self.get(actor=caller, alert_id=AlertId(path.alert_id))
        return DeliveredAlertView(
            alert=AlertView.of(found.alert), deliveries=tuple(map(DeliveryView.of, found.deliveries))
        )

    async def post_acknowledgement(self, caller: UserId, path: AlertPath) -> None:
        """Say "I have seen it", which stops further notifications."""
        await self.acknowledge(actor=caller, alert_id=AlertId(path.alert_id))


def _cursor(alert: Alert) -> str:
    return after_id(alert.id)
