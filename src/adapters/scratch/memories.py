from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from adapters.scratch.stakes import stakes_in
from application.audit.replaying.memories import InForce, Key, Memory, MemoryKind
from application.shared.ports import Place

_TABLES: Final[Mapping[MemoryKind, str]] = {
    MemoryKind.RULES: "rules",
    MemoryKind.IN_FORCE: "in_force",
    MemoryKind.WATCH: "watches",
    MemoryKind.STAKE: "stakes",
}


@dataclass(frozen=True, slots=True)
class ScratchMemories:
    """What the reactions of a replay remember, to be compared with what is stored."""

    rows: Rows

    def all(self, kind: MemoryKind) -> Iterator[Memory]:
        """Go through every memory of a kind, a few at a time; nothing may be decided meanwhile."""
        if kind is MemoryKind.STAKE:
            yield from stakes_in(self.rows)
            return
        for value in self.rows.each(_TABLES[kind]):
            yield InForce(value.user_id, value.version) if kind is MemoryKind.IN_FORCE else value

    def changed_at(self, kind: MemoryKind, key: Key) -> Place | None:
        """Return the place of the fact that changed a memory last; None if there is no such memory."""
        row = key[0] if kind is MemoryKind.IN_FORCE else "/".join(key)
        place = self.rows.column(_TABLES[kind], "place", row)
        return None if place is None else Place(place)
