from collections.abc import Mapping
from dataclasses import dataclass

from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class RowDifference:
    """What a stored row and the replayed one do not have in common, by column; None for a row that there is not.

    `key` is the row's primary key, of which `id` is the first part.
    """

    id: Id
    key: tuple[str, ...]
    stored: Mapping[str, object] | None
    replayed: Mapping[str, object] | None
