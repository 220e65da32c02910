import re
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.system.clock import SystemClock
from application.audit.reading.moment import Moment
from application.shared.ports import Clock, Place
from domain.shared.errors import Invalid

WRITTEN: Final = "a time (2026-05-04T12:00:00Z, 2026-05-04, 2h ago) or a position"
"""How a point of the log may be named, for the help."""

_AGO: Final = re.compile(r"(\d{1,6}) ?(s|m|h|d|w|second|minute|hour|day|week)s? ?(?:ago)?", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LARGEST: Final = 2**63 - 1


def written(moment: datetime) -> str:
    """Write a time as RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_moment(text: str, clock: Clock | None = None) -> datetime:
    """Read a time that somebody typed, absolute or so long ago; without an offset it is UTC. Raises Invalid."""
    told = text.strip()
    now = (clock or SystemClock()).now()
    if told.lower() == "now":
        return now
    try:
        if ago := _AGO.fullmatch(told):
            return now - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2][0].lower()])
        moment = datetime.fromisoformat(told)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{text[:40]!r} is no time; write it like 2026-05-04T12:00:00Z, 2026-05-04 or 2h ago."
        ) from None


def read_point(text: str) -> Moment:
    """Read a position of the log, or a time that somebody typed; raises Invalid."""
    told = text.strip()
    if told.isascii() and told.isdigit():
        return Place(min(int(told[:20]), _LARGEST))
    return read_moment(told)
