from typing import Final

READING: Final = "Read the log"
"""What happened, and why."""

PROVING: Final = "Prove it"
"""That nothing was altered, and that everything follows from the facts."""

KEEPING: Final = "Keep it"
"""What becomes of the log in time."""
