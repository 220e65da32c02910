from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from application.shared.ports import Place


class DifferenceKind(StrEnum):
    """In what way the record and its replay disagree."""

    GAP = "gap"
    HISTORY_BROKEN = "history_broken"
    STATE_ALTERED = "state_altered"
    STATE_MISSING = "state_missing"
    STATE_UNFOUNDED = "state_unfounded"
    DECISION_ALTERED = "decision_altered"
    DECISION_MISSING = "decision_missing"
    DECISION_UNFOUNDED = "decision_unfounded"
    DECISION_MISPLACED = "decision_misplaced"
    INPUT_TAMPERED = "input_tampered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One disagreement, of which thing, and where in the log; the sentence never holds personal data."""

    kind: DifferenceKind
    id: UUID | None
    place: Place | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What a replay looked at, and every difference that it found.

    `decisions` were made again and compared byte for byte; `pending` were made by the replay alone, because the
    reactions have not come that far in the log yet.
    """

    since: Place
    until: Place
    facts: int
    streams: int
    states: int
    decisions: int
    pending: int
    differences: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        """Say whether the replay found nothing that differs."""
        return not self.differences
