from dataclasses import dataclass
from typing import Final

from application.audit.replaying.fold import Kind
from application.audit.replaying.report import Difference, DifferenceKind, FieldDifference, Findings
from application.audit.replaying.scratch import FoldedRows, RowDifference
from application.audit.replaying.states import FoldedStates
from application.shared.ports import Facts, Place

_SHOWN: Final = {
    "version", "status", "type", "asset", "severity", "channel", "channels", "purpose", "attempt", "rule_version",
    "action", "amount", "health_factor_below", "chain_id", "registered_at", "deleted_at", "detected_at", "expires_at",
    "ended_at", "sent_at", "acknowledged_at", "resolved_at", "raised_at", "created_at", "due_at", "planned_at",
    "settled_at", "proposed_at", "changed_at",
}  # fmt: skip
"""Fields whose values may be printed: none of them says who somebody is, where they are reached or what they own."""


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
            return _difference(DifferenceKind.STATE_UNFOUNDED, row, place, sentence)
        if row.stored is None:
            sentence = f"The log tells of {kind} {row.id}, but it is not stored{cause}."
            return _difference(DifferenceKind.STATE_MISSING, row, place, sentence)
        names = sorted({*row.stored, *row.replayed})
        sentence = (
            f"The stored {kind} {row.id} is not what its history gives{cause}: "
            f"{', '.join(names)} differ{'s' * (len(names) == 1)}."
        )
        fields = tuple(_field(name, row.stored.get(name), row.replayed.get(name)) for name in names)
        return _difference(DifferenceKind.STATE_ALTERED, row, place, sentence, fields)

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


def _difference(
    kind: DifferenceKind,
    row: RowDifference,
    place: Place | None,
    sentence: str,
    fields: tuple[FieldDifference, ...] = (),
) -> Difference:
    return Difference(kind=kind, id=row.id, place=place, sentence=sentence, fields=fields)


def _field(name: str, stored: object, replayed: object) -> FieldDifference:
    if name not in _SHOWN:
        return FieldDifference(name=name, shown=False)
    return FieldDifference(name=name, shown=True, stored=_written(stored), replayed=_written(replayed))


def _written(value: object) -> str:
    return "nothing" if value is None else str(value)
