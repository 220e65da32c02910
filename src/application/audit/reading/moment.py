from datetime import datetime, timedelta
from typing import TypeAlias

from application.audit.proving.stored_log import BEGINNING
from application.shared.ports import Facts, Place

Moment: TypeAlias = Place | datetime
"""A point of the log: a position in it, or a time that somebody names."""

_TICK = timedelta(microseconds=1)


async def place_at(facts: Facts, moment: Moment) -> Place:
    """Return the position of the last fact that was on record then; 0 when there was none."""
    return await facts.last(by=moment) if isinstance(moment, datetime) else moment


async def place_before(facts: Facts, moment: Moment) -> Place:
    """Return the position of the last fact that was on record before then, 0 when there was none."""
    if not isinstance(moment, datetime):
        return Place(max(moment - 1, 0))
    try:
        return await facts.last(by=moment - _TICK)
    except OverflowError:  # it is the first moment that there is
        return BEGINNING
