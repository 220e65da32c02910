from dataclasses import dataclass

from application.audit.replaying.fields import difference_of, fields_of, named
from application.audit.replaying.fold import Kind
from application.audit.replaying.report import Difference, DifferenceKind, Findings
from application.audit.replaying.row_difference import RowDifference
from application.audit.replaying.scratch import FoldedRows
from application.audit.replaying.states import FoldedStates
from application.shared.ports import Facts, Place


@dataclass(frozen=True, slots=True)
class StateComparison:
    """Holds the state tables against the folded states, and tells what differs with the fact that caused it."""

    rows: FoldedRows
    folded: FoldedStates
    found: Findings

    async def __call__(self, facts: Facts) -> int:
        """Compare every row in both directions, and return how many are stored."""
        await self.folded.put_away()
        stored = 0
        for kind in sorted(self.folded.kinds):
            stored += await self.rows.stored(kind, user=self.folded.user)
            async for row in self.rows.differing(kind, user=self.folded.user):
                if row.id not in self.folded.broken:
                    self.found.add(await self._told(facts, kind, row))
        return stored

    async def _told(self, facts: Facts, kind: Kind, row: RowDifference) -> Difference:
        place, cause = (None, "") if self.found.full else await self._cause(facts, row)
        if row.replayed is None:
            sentence = f"The {kind} {row.id} is stored, but the log does not tell of it."
            return difference_of(DifferenceKind.STATE_UNFOUNDED, row, place, sentence)
        if row.stored is None:
            sentence = f"The log tells of {kind} {row.id}, but it is not stored{cause}."
            return difference_of(DifferenceKind.STATE_MISSING, row, place, sentence)
        fields = fields_of(row)
        sentence = f"The stored {kind} {row.id} is not what its history gives{cause}: {named(fields)}."
        return difference_of(DifferenceKind.STATE_ALTERED, row, place, sentence, fields)

    async def _cause(self, facts: Facts, row: RowDifference) -> tuple[Place | None, str]:
        strayed = self.folded.strayed.get(row.id)
        if strayed is not None:
            return (
                strayed.place,
                f" since {strayed.type} at place {strayed.place}, where the fold goes another way",
            )
        history = await facts.of(row.id)
        if not history:
            return None, ""
        last = history[-1]
        return last.place, f", whose last fact is {last.type} at place {last.place}"
