from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from application.shared.ports import Place


class FindingKind(StrEnum):
    """What was done to the log."""

    EVENT_ALTERED = "event_altered"
    EVENT_MISSING = "event_missing"
    EVENT_MOVED = "event_moved"
    EVENT_INSERTED = "event_inserted"
    EVENT_OUT_OF_TURN = "event_out_of_turn"
    COMMIT_ALTERED = "commit_altered"
    COMMIT_MISSING = "commit_missing"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    SEAL_BY_ANOTHER_KEY = "seal_by_another_key"
    SEAL_BROKEN = "seal_broken"
    STAMP_FALSE = "stamp_false"
    ARCHIVE_ALTERED = "archive_altered"
    ARCHIVE_MISSING = "archive_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was recorded, and the first position that it concerns."""

    kind: FindingKind
    place: Place | None
    sentence: str

    @classmethod
    def of(cls, kind: FindingKind, sentence: str, *, place: int | None) -> Self:
        """Say what was found, and where."""
        return cls(kind=kind, place=None if place is None else Place(place), sentence=sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What is kept outside the database: the newest seal that is, how many stamps hold, and the newest one's time."""

    last: int = 0
    stamps: int = 0
    stamped: int = 0
    stamped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How far the log was read, and the first thing wrong with its events, with its seals, and with its anchors."""

    since: Place
    until: Place
    facts: int
    commits: int
    seals: int
    sealed_until: Place
    findings: tuple[Finding, ...]
    anchored: Anchored = Anchored()

    @property
    def untouched(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings
