from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_SECOND = 10**6  # microseconds


def canonical(value: object) -> bytes:
    """Write a frozen value as the one JSON that stands for it, the same bytes each time.

    Fields stand in their order of definition and keys of mappings in their own; decimals are strings with every digit,
    times RFC 3339 in UTC, durations ISO 8601 in seconds. Raises TypeError for what this cannot hold exactly.
    """
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def _plain(value: object) -> object:
    match value:
        case datetime(tzinfo=None):
            raise TypeError("a time has to say its time zone")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Decimal():
            if not value.is_finite():
                raise TypeError(f"{value} is not a number")
            return str(value)
        case timedelta():
            return _duration(value)
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"there is no exact form for {type(value).__name__}")


def _duration(value: timedelta) -> str:
    total = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(total), _SECOND)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if total < 0 else ''}PT{seconds}{fraction}S"
