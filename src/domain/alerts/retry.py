from datetime import datetime, timedelta

MOST_ATTEMPTS = 8
"""With the pauses below, an alarm is tried for about seventy minutes."""

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=30)
GROWTH = 4


def next_attempt(attempt: int, *, at: datetime, asked: timedelta | None = None) -> datetime | None:
    """Return when to try again after this attempt, or None when there is no point in trying further.

    The pause grows fourfold from two seconds up to half an hour, and is never shorter than the channel asked for
    (Telegram's `retry_after`).
    """
    if attempt >= MOST_ATTEMPTS:
        return None
    pause = min(FIRST_PAUSE * int(GROWTH ** (attempt - 1)), LONGEST_PAUSE)
    return at + max(pause, min(asked or timedelta(), LONGEST_PAUSE))
