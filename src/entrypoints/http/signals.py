from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from application.signals.acknowledge_signal import AcknowledgeSignal
from application.signals.list_signals import GetSignal, ListSignals
from domain.identity.preferences import SignalType
from domain.shared.ids import SignalId, UserId
from domain.signals.events import Severity
from domain.signals.signal import Signal, SignalStatus
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Cursor, Identifier, Limit
from entrypoints.http.frame.models import Page, Params, View
from entrypoints.http.frame.paging import after_id, paged
from entrypoints.http.frame.reply import Reply
from entrypoints.http.subject_view import SubjectView


class SignalView(View):
    """A condition that was found true of one of the caller's positions."""

    id: Identifier
    type: SignalType
    asset: str
    severity: Severity
    status: SignalStatus
    subject: SubjectView
    data: Mapping[str, str]
    rule_version: int
    detected_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def of(signal: Signal) -> "SignalView":
        """Show a signal."""
        return SignalView(
            id=signal.id,
            type=signal.type,
            asset=signal.asset,
            severity=signal.severity,
            status=signal.status,
            subject=SubjectView.of(signal.subject),
            data=signal.data,
            rule_version=signal.rule_version,
            detected_at=signal.detected_at,
            expires_at=signal.expires_at,
            ended_at=signal.ended_at,
        )


class SignalPath(Params):
    """Which signal."""

    signal_id: Identifier


class SignalsQuery(Params):
    """Which signals, and how many."""

    status: SignalStatus | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class SignalsApi:
    """What was found true of the caller's positions."""

    list: ListSignals
    get: GetSignal
    acknowledge: AcknowledgeSignal

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        one = "/v1/signals/{signal_id}"
        return (
            Endpoint(method="GET", path="/v1/signals", handler=self.list_signals),
            Endpoint(method="GET", path=one, handler=self.get_signal, refusals=(404,)),
            Endpoint(
                method="POST",
                path=f"{one}/acknowledgement",
                handler=self.post_acknowledgement,
                status=204,
                refusals=(404,),
            ),
        )

    async def list_signals(self, caller: UserId, query: SignalsQuery) -> Page[SignalView]:
        """List the caller's signals, newest first."""
        before = SignalId(query.cursor) if query.cursor else None
        found = await self.list(actor=caller, status=query.status, before=before, limit=query.limit + 1)
        return paged(Page[SignalView], found, query.limit, SignalView.of, _cursor)

    async def get_signal(self, caller: UserId, path: SignalPath) -> Reply[SignalView]:
        """Show one signal, with every figure that it rests on."""
        signal = await self.get(actor=caller, signal_id=SignalId(path.signal_id))
        return Reply(SignalView.of(signal), version=signal.version)

    async def post_acknowledgement(self, caller: UserId, path: SignalPath) -> None:
        """Mark a signal as seen."""
        await self.acknowledge(actor=caller, signal_id=SignalId(path.signal_id))


def _cursor(signal: Signal) -> str:
    return after_id(signal.id)
