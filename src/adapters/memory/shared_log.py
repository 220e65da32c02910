from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from adapters.codec.leaves import Entry
from adapters.memory.store import Transaction
from application.audit.proving.seals import NOTHING
from application.audit.proving.stored_log import LeafRun, StoredCommit, StoredFact
from application.shared.ports import Place, Recorded
from domain.shared.ids import derived


@dataclass(frozen=True, slots=True)
class MemorySharedLog:
    """The log in memory, with hashes in place of what others' facts say; each of its commits holds one fact."""

    transaction: Transaction

    async def fact(self, place: Place) -> StoredFact | None:
        """Return the fact at a place, if there is one that the actor may see."""
        for recorded in self.transaction.store.log[place - 1 : place]:
            if self.transaction.actor is None or self.transaction.actor == recorded.user_id:
                entry = self._entry(recorded)
                return StoredFact(
                    place=place,
                    event_id=entry.event_id,
                    stream=entry.stream_id,
                    version=entry.version,
                    type=entry.type,
                    user_id=entry.user_id,
                    correlation_id=entry.correlation_id,
                    recorded_at=entry.recorded_at,
                    payload=entry.payload,
                )
        return None

    async def commit_of(self, place: Place) -> StoredCommit | None:
        """Return the last commit that begins there or before."""
        return next(
            iter(await self.commits(after=min(place, len(self.transaction.store.log)) - 1, limit=1)), None
        )

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order of their numbers."""
        found, head = list[StoredCommit](), NOTHING
        for number, recorded in enumerate(self.transaction.store.log, 1):
            root = self._entry(recorded).leaf()
            commit = StoredCommit(number=number, first=recorded.place, count=1, root=root, chain=b"")
            head = sha256(head + commit.content()).digest()
            found.append(StoredCommit(number=number, first=recorded.place, count=1, root=root, chain=head))
        return found[max(after, 0) :][:limit]

    async def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Return the hashes of everybody's facts in the order of their places."""
        held = [self._entry(recorded).leaf() for recorded in self.transaction.store.log[after:until]]
        if held:
            yield LeafRun(Place(after + 1), held)

    def _entry(self, recorded: Recorded) -> Entry:
        return Entry(
            event_id=derived("event", recorded.stream, recorded.version),
            stream_id=recorded.stream,
            version=recorded.version,
            type=recorded.type,
            user_id=recorded.user_id,
            correlation_id=self.transaction.store.causes.get(recorded.place),
            recorded_at=recorded.recorded_at,
            payload=recorded.stored,
        )
