from dataclasses import dataclass
from typing import ClassVar

from application.positions.ports import JobQueue
from application.positions.readers import Readers
from application.shared.ports import Begin, ReactionWork, Recorded
from application.shared.reaction import follow
from domain.identity.events import WalletLinked


@dataclass(frozen=True, slots=True)
class ObserveNewWallets:
    """Follow the log, and have each wallet read as soon as it is linked rather than at the next round."""

    begin: Begin[ReactionWork]
    jobs: JobQueue
    readers: Readers

    name: ClassVar[str] = "observe_new_wallets"
    follows: ClassVar[tuple[type, ...]] = (WalletLinked,)

    async def __call__(self) -> int:
        """React to the next facts and return how many there were."""
        return await follow(self.begin, self.name, self.follows, self._react)

    async def _react(self, work: ReactionWork, recorded: Recorded) -> None:
        if isinstance(recorded.fact, WalletLinked):
            for chain_id in self.readers.chains:
                await self.jobs.snapshot_wallets(chain_id, (recorded.fact.address,))
