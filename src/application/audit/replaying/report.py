from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from application.shared.ports import Place
from domain.shared.ids import Id

MOST: Final = 1000
"""Differences that are told one by one; the others are counted."""


class DifferenceKind(StrEnum):
    """In what way the record and its replay disagree."""

    GAP = "gap"
    FACT_ALTERED = "fact_altered"
    HISTORY_BROKEN = "history_broken"
    FINGERPRINT_DIFFERS = "fingerprint_differs"
    STATE_ALTERED = "state_altered"
    STATE_MISSING = "state_missing"
    STATE_UNFOUNDED = "state_unfounded"
    MEMORY_ALTERED = "memory_altered"
    MEMORY_MISSING = "memory_missing"
    MEMORY_UNFOUNDED = "memory_unfounded"
    CHECKPOINT_ALTERED = "checkpoint_altered"
    DECISION_ALTERED = "decision_altered"
    DECISION_MISSING = "decision_missing"
    DECISION_UNFOUNDED = "decision_unfounded"
    DECISION_MISPLACED = "decision_misplaced"
    INPUT_TAMPERED = "input_tampered"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One field that is stored otherwise than it is replayed; what may say who somebody is, is not `shown`."""

    name: str
    shown: bool
    stored: str | None = None
    replayed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One disagreement, of which thing, and where in the log; neither sentence nor fields hold personal data.

    `id` is that of a state, or of the user whose memory it is. `place` is the fact that caused it: the first after
    which the fold came to another state than was recorded; or, where none did, the last one of the history (or the last
    that changed the memory), which no later fact explains.
    """

    kind: DifferenceKind
    id: Id | None
    place: Place | None
    sentence: str
    fields: tuple[FieldDifference, ...] = ()


@dataclass(slots=True)
class Findings:
    """The differences found so far after some place of the log: the first ones, and how many there are."""

    since: Place
    count: int = 0
    first: list[Difference] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Say whether the next ones are merely counted."""
        return len(self.first) >= MOST

    def add(self, difference: Difference) -> None:
        """Take a difference in, unless it was caused before the place to begin after."""
        if difference.place is None or difference.place > self.since:
            self.count += 1
            if not self.full:
                self.first.append(difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What a replay looked at, and the differences that it found: the first of them, and their number.

    `states` rows were compared with their histories, unless the replay ended before the log did. `memories` rows of
    what the detectors rest on were compared as of `followed`, how far they have followed the log, and `stakes` rows of
    who was seen in which market; `followed` and `stakes` are None where that was not possible. `fingerprints` of states
    were recorded, and checked; `decisions` were made again and compared byte for byte; `pending` were made by the
    replay alone, because the reactions have not come that far in the log yet.
    """

    since: Place
    until: Place
    facts: int
    streams: int
    states: int
    states_compared: bool
    memories: int
    followed: Place | None
    stakes: int | None
    fingerprints: int
    decisions: int
    pending: int
    differences: tuple[Difference, ...]
    count: int

    @property
    def identical(self) -> bool:
        """Say whether the replay found nothing that differs."""
        return not self.count
