from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from application.audit.ports import AuditWork
from application.audit.reading.position_as_of import PositionAsOf
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.shared.chain import ChainId
from domain.shared.errors import Invalid
from domain.shared.ids import UserId
from entrypoints.http.audit.sight import Sights, Whose
from entrypoints.http.audit.state_views import PositionsThenView, StateView
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Identifier, Moment, Position, WalletAddress
from entrypoints.http.frame.models import Params


class StatePath(Params):
    """What, and which."""

    kind: Kind
    id: Identifier


class WalletPath(Params):
    """Which wallet."""

    wallet: WalletAddress


class MomentQuery(Params):
    """When: at a position of the log, at a time, or (without either) now."""

    user: Whose = None
    position: Position | None = None
    time: Moment | None = None


class MarketQuery(MomentQuery):
    """When, and where."""

    chain_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    market: WalletAddress | None = None


@dataclass(frozen=True, slots=True)
class AsOfApi:
    """What something was at a point of the log, from the log alone."""

    sights: Sights[AuditWork]
    state: StateAsOf
    position: PositionAsOf

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        as_of = "/v1/audit/as-of"
        return (
            Endpoint(
                method="GET",
                path=f"{as_of}/position/{{wallet}}",
                handler=self.get_positions,
                refusals=(403, 404),
            ),
            Endpoint(
                method="GET", path=f"{as_of}/{{kind}}/{{id}}", handler=self.get_state, refusals=(403, 404)
            ),
        )

    async def get_state(self, caller: UserId, path: StatePath, query: MomentQuery) -> StateView:
        """Show what the caller's account, a signal, alert, delivery or intent was at a position or time."""
        door = await self.sights(caller, query.user, what=f"the {path.kind} {path.id} {_then(query)}")
        # Whoever looks is the actor, for Plimsoll itself would keep what it folded, and here nothing is written.
        state = await replace(self.state, begin=door)(
            actor=door.sight.subject or caller,
            kind=path.kind,
            id=path.id,
            place=None if query.position is None else Place(query.position),
            at=query.time,
        )
        return StateView.of(path.kind, state)

    async def get_positions(self, caller: UserId, path: WalletPath, query: MarketQuery) -> PositionsThenView:
        """Show what a wallet of the caller's owned and owed, as the log knew it at a position or time.

        What could not be read then stays unknown, with the reason.
        """
        if query.position is not None and query.time is not None:
            raise Invalid("Name either a position in the log or a moment, not both.")
        door = await self.sights(caller, query.user, what=f"the wallet {path.wallet} {_then(query)}")
        if door.sight.subject is None:
            raise Invalid("Several users may watch a wallet: name one of them in `user`.")
        found = await replace(self.position, begin=door)(
            actor=door.sight.subject,
            wallet=path.wallet,
            moment=Place(query.position) if query.position is not None else query.time,
            chain_id=None if query.chain_id is None else ChainId(query.chain_id),
            market=query.market,
        )
        return PositionsThenView.of(found)


def _then(query: MomentQuery) -> str:
    if query.position is not None:
        return f"as of position {query.position}"
    return "as it is" if query.time is None else f"as of {query.time.isoformat()}"
