from dataclasses import dataclass

from application.intents.cancel_intent import CancelIntent
from application.intents.get_intent import GetIntent
from application.intents.list_intents import ListIntents
from application.intents.register_intent import RegisterIntent
from domain.intents.states import Intent
from domain.shared.ids import IntentId, UserId, derived
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Page
from entrypoints.http.frame.paging import after_id, paged
from entrypoints.http.frame.reply import Reply
from entrypoints.http.intent_models import IntentBody, IntentPath, IntentsQuery, IntentView


@dataclass(frozen=True, slots=True)
class IntentsApi:
    """What the caller has said beforehand."""

    register: RegisterIntent
    get: GetIntent
    list: ListIntents
    cancel: CancelIntent

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        one = "/v1/intents/{intent_id}"
        return (
            Endpoint(method="GET", path="/v1/intents", handler=self.list_intents),
            Endpoint(method="POST", path="/v1/intents", handler=self.post_intent, status=201),
            Endpoint(method="GET", path=one, handler=self.get_intent, refusals=(404,)),
            Endpoint(method="DELETE", path=one, handler=self.delete_intent, refusals=(404,)),
        )

    async def list_intents(self, caller: UserId, query: IntentsQuery) -> Page[IntentView]:
        """List the caller's intents, newest first."""
        before = IntentId(query.cursor) if query.cursor else None
        found = await self.list(actor=caller, status=query.status, before=before, limit=query.limit + 1)
        return paged(Page[IntentView], found, query.limit, IntentView.of, _cursor)

    async def post_intent(self, caller: UserId, body: IntentBody, key: str | None) -> Reply[IntentView]:
        """Say what should be done when the health factor falls; armed at once if every policy agrees.

        The same Idempotency-Key always names the same intent.
        """
        named = None if key is None else IntentId(derived("intent", caller, key))
        intent = await self.register(actor=caller, terms=body.terms(), id=named)
        return Reply(
            IntentView.of(intent), version=intent.version, headers={"Location": f"/v1/intents/{intent.id}"}
        )

    async def get_intent(self, caller: UserId, path: IntentPath) -> Reply[IntentView]:
        """Show one intent."""
        intent = await self.get(actor=caller, intent_id=IntentId(path.intent_id))
        return Reply(IntentView.of(intent), version=intent.version)

    async def delete_intent(self, caller: UserId, path: IntentPath) -> Reply[IntentView]:
        """Take an intent back before it acts; it stays on record as cancelled."""
        intent = await self.cancel(actor=caller, intent_id=IntentId(path.intent_id))
        return Reply(IntentView.of(intent), version=intent.version)


def _cursor(intent: Intent) -> str:
    return after_id(intent.id)
