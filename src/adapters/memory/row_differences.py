from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from application.audit.replaying.row_difference import RowDifference
from domain.shared.ids import Id


def difference_of(key: tuple[str, ...], theirs: object | None, ours: object | None) -> RowDifference:
    """Return what a stored value and the replayed one do not have in common, by field; None for what there is not."""
    this = Id(key[0])
    if theirs is None or ours is None:
        return RowDifference(this, key, None if theirs is None else {}, None if ours is None else {})
    stored, replayed = _fields(theirs), _fields(ours)
    names = {name for name in (*stored, *replayed) if stored.get(name) != replayed.get(name)}
    return RowDifference(
        this,
        key,
        {name: stored.get(name) for name in names},
        {name: replayed.get(name) for name in names},
    )


def _fields(value: object) -> Mapping[str, object]:
    known = {one.name: getattr(value, one.name) for one in fields(value)} if is_dataclass(value) else {}
    return known | {"status": getattr(value, "status", None)}
