from dataclasses import dataclass

from application.audit.replaying.fields import difference_of, fields_of, named
from application.audit.replaying.memories import MemoryKind, MemoryRows, Remembered
from application.audit.replaying.report import Difference, DifferenceKind, Findings
from application.audit.replaying.row_difference import RowDifference
from application.shared.ports import Facts, Place
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryComparison:
    """Holds what is stored of memories against those of a replay that stands at the same place of the log."""

    rows: MemoryRows
    remembered: Remembered
    found: Findings
    user: UserId | None

    async def __call__(self, facts: Facts, *kinds: MemoryKind) -> int:
        """Compare every row of these kinds in both directions, and return how many are stored."""
        stored = 0
        for kind in kinds:
            await self.rows.put(kind, self.remembered.all(kind))
            stored += await self.rows.stored(kind, user=self.user)
            async for row in self.rows.differing(kind, user=self.user):
                self.found.add(await self._told(facts, kind, row))
        return stored

    async def _told(self, facts: Facts, kind: MemoryKind, row: RowDifference) -> Difference:
        place, what = self.remembered.changed_at(kind, row.key), _NAMED[kind].format(*row.key)
        since = "" if place is None or self.found.full else await _since(facts, place)
        if row.replayed is None:
            sentence = f"{what} is stored, but nothing in the log leads to it."
            return difference_of(DifferenceKind.MEMORY_UNFOUNDED, row, place, sentence)
        if row.stored is None:
            sentence = f"{what} is missing, though the log leads to it{since}."
            return difference_of(DifferenceKind.MEMORY_MISSING, row, place, sentence)
        fields = fields_of(row)
        sentence = f"{what} is not what the log leads to{since}: {named(fields)}."
        return difference_of(DifferenceKind.MEMORY_ALTERED, row, place, sentence, fields)


_NAMED = {
    MemoryKind.RULES: "Version {1} of the alert rules of user {0}",
    MemoryKind.IN_FORCE: "Which alert rules of user {0} are in force",
    MemoryKind.WATCH: "What the detectors remember of a position of user {0} in {2} on chain {1}",
    MemoryKind.STAKE: "The note of a position of user {0} in {3} on chain {2}",
}
"""What to call a memory, by its key; neither wallets nor markets are named."""


async def _since(facts: Facts, place: Place) -> str:
    for cause in await facts.after(Place(place - 1), limit=1, until=place):
        return f" (it changed last with {cause.type} at place {place})"
    return ""
