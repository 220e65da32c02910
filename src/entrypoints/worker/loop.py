import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter, Gauge

from domain.shared.errors import PlimsollError, StaleWrite

_log = structlog.get_logger(__name__)

FAILURES = Counter("plimsoll_loop_failures_total", "Passes of a worker's loop that failed", ["loop"])
LAST_PASS = Gauge(
    "plimsoll_loop_last_pass_timestamp_seconds", "When a worker's loop last came through", ["loop"]
)

LONGEST_PAUSE = 30.0


async def forever(
    name: str, step: Callable[[], Awaitable[object]], *, until: asyncio.Event | None = None
) -> None:
    """Take the step again and again until cancelled, or until the event; what fails is logged, counted and tried again.

    A step waits for its own work. One that another worker overtook (StaleWrite) is taken again at once.
    """
    pause = 0.0
    while until is None or not until.is_set():
        try:
            await step()
        except asyncio.CancelledError:
            raise
        except StaleWrite:
            _log.info("overtaken", loop=name)
            await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001 - the loop outlives whatever happens in one pass, and says so
            pause = min(max(0.25, pause * 2), LONGEST_PAUSE)
            FAILURES.labels(name).inc()
            known = isinstance(error, PlimsollError)
            _log.warning(
                "loop failed",
                loop=name,
                reason=str(error) if known else None,
                exc_info=not known,
                pause=pause,
            )
            await asyncio.sleep(pause)
        else:
            pause = 0.0
            LAST_PASS.labels(name).set_to_current_time()
