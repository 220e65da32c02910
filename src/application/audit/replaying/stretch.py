from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from application.shared.ports import Facts, Place, Recorded

LONGEST: Final = 4096
"""Places that are read at once: enough to be quick, and few megabytes."""
LARGEST: Final = 2**24
"""Bytes of stored facts after which a part of the log ends sooner."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """All facts of a part of the log that ends at a place, whether there is one at it or not."""

    facts: list[Recorded]
    until: Place

    def up_to(self, place: Place) -> "Stretch":
        """Return what of it lies at a place or before."""
        if self.until <= place:
            return self
        return Stretch([recorded for recorded in self.facts if recorded.place <= place], place)


async def stretch_of(facts: Facts, after: Place, last: Place) -> Stretch:
    """Read the next part of the log after a place, up to the last one that is wanted at most."""
    until, read, size = Place(min(after + LONGEST, last)), list[Recorded](), 0
    async with aclosing(facts.through(after, until)) as runs:
        async for run in runs:
            read.extend(run)
            size += sum(len(recorded.stored) for recorded in run)
            if size > LARGEST:
                return Stretch(read, run[-1].place)
    return Stretch(read, until)
