from dataclasses import dataclass

from application.positions.ports import PositionsWork
from application.positions.readers import Readers
from application.shared.ports import Begin, Clock
from domain.positions.events import PositionLiquidated
from domain.shared.chain import ChainId
from domain.shared.ids import derived


@dataclass(frozen=True, slots=True)
class SearchLiquidations:
    """Search a market's log, from where the last search ended, for liquidations of watched wallets.

    Snapshots alone cannot tell a liquidation from a repayment, and one that happens between two of them would go
    unseen. The first search begins at the newest block.
    """

    begin: Begin[PositionsWork]
    readers: Readers
    clock: Clock

    async def __call__(self, *, chain_id: ChainId) -> int:
        """Return how many liquidations were put on record; raises Unavailable."""
        reader = self.readers.on(chain_id)
        async with self.begin(None) as work:
            searched = await work.liquidation_cursors.get(chain_id)
            watched = await work.watched.all()
        head = await reader.head()
        if searched is not None and searched >= head.number:
            return 0
        found = () if searched is None else await reader.liquidations(watched.keys(), searched + 1, head)
        async with self.begin(None) as work:
            if not await work.liquidation_cursors.move(chain_id, expected=searched, to=head.number):
                return 0
            for liquidation in found:
                for user_id in watched[liquidation.wallet]:
                    fact = PositionLiquidated(user_id=user_id, liquidation=liquidation, at=self.clock.now())
                    seen = (
                        user_id,
                        liquidation.block_hash,
                        liquidation.transaction_hash,
                        liquidation.log_index,
                    )
                    work.facts.append(derived("liquidation", *seen), 0, [fact])
        return len(found)
