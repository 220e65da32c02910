from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from adapters.postgres import rules, watches
from adapters.postgres.replaying.compared_table import ComparedTable
from application.audit.replaying.memories import MemoryKind


@dataclass(frozen=True, slots=True)
class RememberedTable(ComparedTable):
    """A table of memories, and how a memory becomes its row."""

    row_of: Callable[[Any], Mapping[str, object]]


REMEMBERED: Final[Mapping[MemoryKind, RememberedTable]] = {
    MemoryKind.RULES: RememberedTable(rules.rules, rules.row_of),
    MemoryKind.IN_FORCE: RememberedTable(rules.rules_in_force, asdict),
    MemoryKind.WATCH: RememberedTable(watches.watches, watches.row_of),
}
