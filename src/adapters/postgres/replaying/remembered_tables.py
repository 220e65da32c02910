from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from adapters.postgres import rules, stakes, watches
from adapters.postgres.replaying.compared_table import ComparedTable
from adapters.postgres.rows import subject_row
from application.audit.replaying.memories import MemoryKind, Stake


@dataclass(frozen=True, slots=True)
class RememberedTable(ComparedTable):
    """A table of memories, and how a memory becomes its row."""

    row_of: Callable[[Any], Mapping[str, object]]


def _row_of_stake(stake: Stake) -> Mapping[str, object]:
    return {**subject_row(stake.subject), "gone_at": stake.gone_at}


REMEMBERED: Final[Mapping[MemoryKind, RememberedTable]] = {
    MemoryKind.RULES: RememberedTable(rules.rules, rules.row_of),
    MemoryKind.IN_FORCE: RememberedTable(rules.rules_in_force, asdict),
    MemoryKind.WATCH: RememberedTable(watches.watches, watches.row_of),
    MemoryKind.STAKE: RememberedTable(stakes.stakes, _row_of_stake),
}
