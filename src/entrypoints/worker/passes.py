from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from domain.shared.errors import PlimsollError, Unavailable

_log = structlog.get_logger(__name__)

FAILURES: Final = Counter("plimsoll_loop_failures_total", "Passes of a worker's loop that failed", ["loop"])
IN_A_ROW: Final = Gauge(
    "plimsoll_loop_failures_in_a_row",
    "Passes of a worker's loop that failed since one came through",
    ["loop"],
)
LAST_PASS: Final = Gauge(
    "plimsoll_loop_last_pass_timestamp_seconds", "When a worker's loop last came through", ["loop"]
)

ALARMING = 5
"""After so many failures in a row somebody has to look: it does not pass by itself."""

SHORTEST_PAUSE, LONGEST_PAUSE, LONGEST_OUTAGE_PAUSE = 0.25, 30.0, 5.0
"""Seconds between two tries; what was merely away is tried more often, for it may be back."""


@dataclass(slots=True)
class Passes:
    """How the passes of one loop end: counted, and told the louder the longer it fails."""

    loop: str
    failures: int = 0
    pause: float = 0.0

    def came_through(self) -> None:
        """Take note of a pass that did what it should."""
        LAST_PASS.labels(self.loop).set_to_current_time()
        if self.failures:
            _log.info("loop works again", loop=self.loop, failures=self.failures)
        self.failures, self.pause = 0, 0.0
        IN_A_ROW.labels(self.loop).set(0)

    def failed(self, error: Exception) -> float:
        """Take note of a pass that failed, and return how many seconds to wait before the next."""
        self.failures += 1
        longest = LONGEST_OUTAGE_PAUSE if isinstance(error, Unavailable) else LONGEST_PAUSE
        self.pause = min(max(SHORTEST_PAUSE, self.pause * 2), longest)
        FAILURES.labels(self.loop).inc()
        IN_A_ROW.labels(self.loop).set(self.failures)
        known = isinstance(error, PlimsollError)
        tell, event = (
            (_log.warning, "loop failed") if self.failures < ALARMING else (_log.error, "loop keeps failing")
        )
        tell(
            event,
            loop=self.loop,
            failures=self.failures,
            reason=str(error) if known else None,
            exc_info=None if known else error,
        )
        return self.pause
