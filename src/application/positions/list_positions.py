from dataclasses import dataclass
from datetime import datetime

from application.positions.ports import PositionsWork, Snapshot
from application.shared.ports import Begin
from domain.shared.chain import Address
from domain.shared.errors import Invalid
from domain.shared.ids import PositionId, UserId


@dataclass(frozen=True, slots=True)
class ListPositions:
    """Show a user the newest snapshot of each of their wallets in each market."""

    begin: Begin[PositionsWork]

    async def __call__(self, *, actor: UserId) -> tuple[Snapshot, ...]:
        """Return the snapshots; an unknown one says why it is unknown."""
        async with self.begin(actor) as work:
            return await work.positions.latest(actor)


@dataclass(frozen=True, slots=True)
class PositionHistory:
    """Show a user how their positions came to be what they are."""

    begin: Begin[PositionsWork]

    async def __call__(
        self,
        *,
        actor: UserId,
        wallet: Address | None,
        since: datetime | None,
        until: datetime | None,
        before: PositionId | None,
        limit: int,
    ) -> tuple[Snapshot, ...]:
        """Return snapshots newest first, between two moments of block time, continuing before an id."""
        if since is not None and until is not None and since > until:
            raise Invalid("The history's beginning lies after its end.")
        async with self.begin(actor) as work:
            return await work.positions.history(
                actor, wallet=wallet, since=since, until=until, before=before, limit=limit
            )
