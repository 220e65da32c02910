from dataclasses import dataclass, replace
from typing import Protocol

from application.audit.ports import AuditWork
from application.audit.proving.prove_facts import ProveFacts, SharedLogWork
from application.audit.reading.fact_search import Found
from application.audit.reading.list_facts import ListFacts
from application.shared.ports import Place
from domain.shared.ids import UserId
from entrypoints.cli.audit.proof_file import ProofFile
from entrypoints.http.audit.sight import Sights, Whose
from entrypoints.http.audit.views import FactView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Identifier, Limit, Moment, PlaceCursor, Position
from entrypoints.http.frame.models import Page, Params
from entrypoints.http.frame.paging import after_place, paged


class FactsQuery(Params):
    """Which facts, where to go on, and how far; `type` may be repeated, and be the beginning of a name: `alert.`."""

    user: Whose = None
    stream: Identifier | None = None
    type: tuple[str, ...] = ()
    since: Moment | None = None
    until: Moment | None = None
    correlation: Identifier | None = None
    cursor: PlaceCursor | None = None
    limit: Limit = 50


class PositionPath(Params):
    """Where in the log."""

    position: Position


class ProofQuery(Params):
    """Under which seal: without a number, the first that covers the event."""

    user: Whose = None
    seal: Position | None = None


class SightWork(AuditWork, SharedLogWork, Protocol):
    """What reading an audit needs of its transaction."""


@dataclass(frozen=True, slots=True)
class AuditApi:
    """What the log holds of somebody, and what can be proven from it."""

    sights: Sights[SightWork]
    list: ListFacts
    prove: ProveFacts

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        events = "/v1/audit/events"
        return (
            Endpoint(method="GET", path=events, handler=self.list_events, refusals=(403,)),
            Endpoint(
                method="GET",
                path=f"{events}/{{position}}/proof",
                handler=self.get_proof,
                refusals=(403, 404, 409),
            ),
        )

    async def list_events(self, caller: UserId, query: FactsQuery) -> Page[FactView]:
        """List the facts that the log holds of the caller, oldest first."""
        door = await self.sights(caller, query.user, what="events")
        found = await replace(self.list, begin=door)(
            actor=door.sight.subject,
            user=door.sight.subject,
            after=None if query.cursor is None else Place(query.cursor),
            since=query.since,
            until=query.until,
            types=query.type,
            stream=query.stream,
            correlation=query.correlation,
            limit=query.limit + 1,
        )
        return paged(Page[FactView], found, query.limit, FactView.of, _cursor)

    async def get_proof(self, caller: UserId, path: PositionPath, query: ProofQuery) -> ProofFile:
        """Prove that an event of the caller's stands in the log; of all other events it reveals hashes alone.

        The answer is what `plimsoll audit verify-proof` takes, which needs no database: only this and a public key.
        """
        door = await self.sights(caller, query.user, what=f"the proof of position {path.position}")
        [proof] = await replace(self.prove, begin=door)(places=[Place(path.position)], seal=query.seal)
        return ProofFile.of(proof)


def _cursor(found: Found) -> str:
    return after_place(found.place)
