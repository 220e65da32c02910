from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId
from domain.signals.subject import Subject
from domain.signals.watch import Watch


@dataclass(frozen=True, slots=True)
class MemoryWatches:
    """What the detectors remember, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[Subject, Watch]:
        return Table(self.transaction, "watches")

    async def of(self, subjects: Collection[Subject]) -> Mapping[Subject, Watch]:
        """Return the memory of those subjects of which there is any."""
        return {
            subject: watch
            for subject in subjects
            if (watch := self._table.get(subject)) is not None and self.transaction.sees(subject.user_id)
        }

    async def standing(self, chain_id: ChainId, wallets: Collection[Address]) -> Sequence[Watch]:
        """Return the memories of these wallets on the chain that have a standing episode."""
        return [
            watch
            for watch in self._all()
            if watch.episodes and watch.subject.chain_id == chain_id and watch.subject.wallet in wallets
        ]

    async def of_wallet(self, user_id: UserId, wallet: Address | None) -> Sequence[Watch]:
        """Return the memories of one wallet of a user, or of all."""
        return [
            watch
            for watch in self._all()
            if watch.subject.user_id == user_id and wallet in {None, watch.subject.wallet}
        ]

    async def put(self, watches: Sequence[Watch]) -> None:
        """Store memories in place of the earlier ones."""
        for watch in sorted(watches, key=lambda watch: str(watch.subject)):
            await self._table.put(watch.subject, watch)

    def _all(self) -> list[Watch]:
        seen = [watch for watch in self._table.all() if self.transaction.sees(watch.subject.user_id)]
        return sorted(seen, key=lambda watch: str(watch.subject))
