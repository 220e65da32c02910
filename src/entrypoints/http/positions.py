from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from application.positions.list_positions import ListPositions, PositionHistory
from application.positions.ports import Snapshot
from application.positions.refresh_positions import RefreshPositions
from domain.positions.liquidation import LiquidationPrice, liquidation_prices
from domain.positions.position import LendingPosition
from domain.shared.ids import PositionId, UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Cursor, Limit, Moment, WalletAddress
from entrypoints.http.frame.models import Page, Params
from entrypoints.http.frame.paging import after_id, paged
from entrypoints.http.position_views import PositionsView, PositionView, RefreshView


class HistoryQuery(Params):
    """Which snapshots, by wallet and by the time of their blocks."""

    wallet: WalletAddress | None = None
    since: Moment | None = Field(None, alias="from", description="Not before this moment.")
    until: Moment | None = Field(None, alias="to", description="Not after this moment.")
    cursor: Cursor | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class PositionsApi:
    """What the caller's wallets own and owe."""

    list: ListPositions
    history: PositionHistory
    refresh: RefreshPositions

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        path = "/v1/positions"
        return (
            Endpoint(method="GET", path=path, handler=self.list_positions),
            Endpoint(method="GET", path=f"{path}/history", handler=self.list_history),
            Endpoint(method="POST", path=f"{path}/refresh", handler=self.post_refresh, status=202),
        )

    async def list_positions(self, caller: UserId) -> PositionsView:
        """Show the newest snapshot of each wallet in each market, with its liquidation prices."""
        found = await self.list(actor=caller)
        return PositionsView(items=tuple(PositionView.of(one, _prices(one)) for one in found))

    async def list_history(self, caller: UserId, query: HistoryQuery) -> Page[PositionView]:
        """Show how the positions came to be what they are, newest first."""
        found = await self.history(
            actor=caller,
            wallet=query.wallet,
            since=query.since,
            until=query.until,
            before=PositionId(query.cursor) if query.cursor else None,
            limit=query.limit + 1,
        )
        return paged(Page[PositionView], found, query.limit, PositionView.of, _cursor)

    async def post_refresh(self, caller: UserId) -> RefreshView:
        """Have the caller's wallets read anew on every chain; the answer does not wait for it."""
        return RefreshView(chains=tuple(await self.refresh(actor=caller)))


def _prices(snapshot: Snapshot) -> Sequence[LiquidationPrice] | None:
    return liquidation_prices(snapshot.seen) if isinstance(snapshot.seen, LendingPosition) else None


def _cursor(snapshot: Snapshot) -> str:
    return after_id(snapshot.id)
