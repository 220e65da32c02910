from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.positions.ports import MarketReader, PositionsWork, Snapshot
from application.positions.readers import Readers
from application.shared.ports import Begin, Clock, Ids
from domain.positions.events import PositionsObserved
from domain.positions.observation import Observed
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import Address, ChainId
from domain.shared.ids import BatchId, PositionId, UserId


@dataclass(frozen=True, slots=True)
class ObservePositions:
    """Read a chunk of wallets at one pinned block, and put on record what was seen and what could not be."""

    begin: Begin[PositionsWork]
    readers: Readers
    clock: Clock
    ids: Ids

    async def __call__(self, *, chain_id: ChainId, wallets: Sequence[Address]) -> PositionsObserved | None:
        """Return the fact, or None when nobody watches any of the wallets any more; raises Unavailable."""
        reader: MarketReader = self.readers.on(chain_id)
        observed = await reader.read(wallets, await reader.head())
        at = self.clock.now()
        async with self.begin(None) as work:
            watchers = await work.watched.among(wallets)
            if not watchers:
                return None
            fact = self._fact(observed, watchers, at)
            snapshots = tuple(self._snapshots(observed, watchers, fact, at))
            fact = await work.positions.store(fact, snapshots)
            work.facts.append(fact.batch_id, 0, [fact])
        return fact

    def _fact(
        self, observed: Observed, watchers: Mapping[Address, object], at: datetime
    ) -> PositionsObserved:
        return PositionsObserved(
            batch_id=BatchId(self.ids.new()),
            chain_id=observed.chain_id,
            protocol=observed.protocol,
            market=observed.market,
            block=observed.block,
            count=0,
            root="",
            without_position=tuple(wallet for wallet in observed.without_position if wallet in watchers),
            unread=tuple(unread for unread in observed.unread if unread.wallet in watchers),
            at=at,
        )

    def _snapshots(
        self,
        observed: Observed,
        watchers: Mapping[Address, tuple[UserId, ...]],
        fact: PositionsObserved,
        at: datetime,
    ) -> Iterator[Snapshot]:
        seen: Sequence[LendingPosition | Unread] = (*observed.positions, *observed.unread)
        for one in seen:
            for user_id in watchers.get(one.wallet, ()):
                yield Snapshot(
                    id=PositionId(self.ids.new()),
                    user_id=user_id,
                    batch_id=fact.batch_id,
                    chain_id=fact.chain_id,
                    block=fact.block,
                    observed_at=at,
                    seen=one,
                )
