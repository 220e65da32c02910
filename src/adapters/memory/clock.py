from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until somebody moves it."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time that the clock was set to."""
        return self.time

    def advance(self, by: timedelta) -> datetime:
        """Move the clock on, and return the new time."""
        self.time += by
        return self.time
