import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from domain.shared.errors import Conflict

SeenT = TypeVar("SeenT")

PATIENCE = 20.0
"""Seconds that the demo waits for anything to be seen; on an idle machine it takes a tenth of one."""


class NotSeen(Conflict):
    """The demo promised something that did not come."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the demo says of the product, and whether it was seen to be so."""

    sentence: str
    kept: bool
    seen: str = ""


@dataclass(slots=True)
class Promises:
    """What was promised so far; the demo succeeds if every promise was kept, and there were any."""

    made: list[Promise] = field(default_factory=list)

    def check(self, kept: bool, sentence: str, seen: str = "") -> bool:
        """Take note of a promise, and return whether it was kept."""
        self.made.append(Promise(sentence, kept, seen))
        return kept

    @property
    def broken(self) -> tuple[Promise, ...]:
        """Those that were not kept."""
        return tuple(promise for promise in self.made if not promise.kept)

    @property
    def kept(self) -> bool:
        """Whether the demo may say that it succeeded."""
        return bool(self.made) and not self.broken


async def until(
    what: str, look: Callable[[], Awaitable[SeenT | None]], *, patience: float = PATIENCE
) -> SeenT:
    """Look again and again until something is seen, and return it; raises NotSeen when patience ends."""
    deadline = monotonic() + patience
    while True:
        seen = await look()
        if seen is not None:
            return seen
        if monotonic() > deadline:
            raise NotSeen(f"The demo waited {patience:g} seconds for {what}, and did not see it.")
        await asyncio.sleep(0.05)
