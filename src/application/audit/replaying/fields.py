from typing import Final

from application.audit.replaying.report import Difference, DifferenceKind, FieldDifference
from application.audit.replaying.row_difference import RowDifference
from application.shared.ports import Place

_SHOWN: Final = {
    "version", "status", "type", "asset", "severity", "channel", "channels", "purpose", "attempt", "rule_version",
    "action", "amount", "health_factor_below", "chain_id", "registered_at", "deleted_at", "detected_at", "expires_at",
    "ended_at", "sent_at", "acknowledged_at", "resolved_at", "raised_at", "created_at", "due_at", "planned_at",
    "settled_at", "proposed_at", "changed_at", "has_episode", "gone_at",
}  # fmt: skip
"""Fields whose values may be printed: none of them says who somebody is, where they are reached or what they own."""


def fields_of(row: RowDifference) -> tuple[FieldDifference, ...]:
    """Return what differs in a row that is on both sides, with the values where they may be shown."""
    stored, replayed = row.stored or {}, row.replayed or {}
    return tuple(_field(name, stored.get(name), replayed.get(name)) for name in sorted({*stored, *replayed}))


def named(fields: tuple[FieldDifference, ...]) -> str:
    """Name the fields as the end of a sentence does."""
    return f"{', '.join(one.name for one in fields)} differ{'s' * (len(fields) == 1)}"


def difference_of(
    kind: DifferenceKind,
    row: RowDifference,
    place: Place | None,
    sentence: str,
    fields: tuple[FieldDifference, ...] = (),
) -> Difference:
    """Return the difference that was found in a row."""
    return Difference(kind=kind, id=row.id, place=place, sentence=sentence, fields=fields)


def _field(name: str, stored: object, replayed: object) -> FieldDifference:
    if name not in _SHOWN:
        return FieldDifference(name=name, shown=False)
    return FieldDifference(name=name, shown=True, stored=_written(stored), replayed=_written(replayed))


def _written(value: object) -> str:
    return "nothing" if value is None else str(value)
