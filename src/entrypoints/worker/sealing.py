from collections.abc import Callable
from dataclasses import dataclass

from adapters.seals.keys import KeyRing
from application.audit.seal_log import EVERY, SealLog
from application.audit.seals import Seal


@dataclass(frozen=True, slots=True)
class KeepSealed:
    """Seals the log every five minutes while it grows, where there is a key to do so."""

    ring: KeyRing
    seal: Callable[[], SealLog]

    async def __call__(self) -> Seal | None:
        """Return the seal that was made, if it was time for one; raises LogAltered."""
        return None if self.ring.signing is None else await self.seal()(every=EVERY)
