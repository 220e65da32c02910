from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

from adapters.memory.database import MemoryDatabase
from adapters.memory.row_differences import difference_of
from application.audit.replaying.memories import InForce, Key, Memory, MemoryKind, key_of
from application.audit.replaying.row_difference import RowDifference
from application.shared.ports import Place
from domain.shared.ids import Id, UserId
from domain.signals.rules import Rules
from domain.signals.watch import Watch


@dataclass(frozen=True, slots=True)
class MemoryMemoryRows:
    """What the reactions of a memory database are to remember, held against what they do.

    A memory database has no table of stakes that could be altered: it asks the snapshots. So none are compared.
    """

    database: MemoryDatabase
    memories: dict[MemoryKind, Mapping[Key, Memory]] = field(default_factory=dict)

    async def followed(self, reaction: str) -> Place:
        """Return how far a reaction has followed the log; 0 if not at all."""
        place = self.database.store.rows.get("checkpoints", {}).get(reaction, 0)
        return Place(place if isinstance(place, int) else 0)

    async def put(self, kind: MemoryKind, memories: Iterable[Memory]) -> None:
        """Put memories there."""
        if kind is not MemoryKind.STAKE:
            self.memories[kind] = {key_of(memory): memory for memory in memories}

    async def stored(self, kind: MemoryKind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        return len(self._stored(kind, user))

    async def differing(self, kind: MemoryKind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        stored, ours = self._stored(kind, user), self.memories.get(kind, {})
        for key in sorted({*stored, *ours}):
            if stored.get(key) != ours.get(key):
                yield difference_of(key, stored.get(key), ours.get(key))

    def _stored(self, kind: MemoryKind, user: UserId | None) -> Mapping[Key, Memory]:
        rows = self.database.store.rows
        there: list[Memory]
        match kind:
            case MemoryKind.RULES:
                there = [one for one in rows.get("rules", {}).values() if isinstance(one, Rules)]
            case MemoryKind.IN_FORCE:
                in_force = rows.get("rules_in_force", {}).items()
                there = [
                    InForce(UserId(Id(str(one))), version)
                    for one, version in in_force
                    if isinstance(version, int)
                ]
            case MemoryKind.WATCH:
                there = [one for one in rows.get("watches", {}).values() if isinstance(one, Watch)]
            case MemoryKind.STAKE:
                there = []
        stored = {key_of(memory): memory for memory in there}
        return {key: memory for key, memory in stored.items() if user is None or key[0] == str(user)}
