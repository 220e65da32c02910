from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from application.audit.forgetting.forgetting import RotateWork
from application.shared.ports import Begin

BATCH: Final = 500
"""Keys that one transaction wraps anew."""

Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """Encrypt every user's key by the newest master key, so that the ones before it can be thrown away.

    Killed in between, it goes on where it was; nothing that the keys sealed is touched.
    """

    begin: Begin[RotateWork]

    async def __call__(self, *, progress: Progress | None = None) -> int:
        """Return how many keys were wrapped anew; raises RingLacksKey, WrongKey and NoSecretKeys."""
        total = 0
        while True:
            async with self.begin(None) as work:
                done = await work.subjects.wrap_anew(limit=BATCH)
            total += done
            if not done:
                return total
            if progress is not None:
                progress(total)
