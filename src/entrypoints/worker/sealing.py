from collections.abc import Callable
from dataclasses import dataclass

import structlog

from adapters.seals.keys import KeyRing
from application.audit.proving.seal_log import EVERY, NotAnchored, SealLog
from application.audit.proving.seals import Seal

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeepSealed:
    """Seals the log every five minutes while it grows, where there is a key to do so."""

    ring: KeyRing
    seal: Callable[[], SealLog]

    async def __call__(self) -> Seal | None:
        """Return the seal that was made, if it was time for one, anchored or not; raises LogAltered."""
        if self.ring.signing is None:
            return None
        try:
            return await self.seal()(every=EVERY)
        except NotAnchored as failure:
            _log.warning("seal not anchored", reason=str(failure))
            return failure.seal
