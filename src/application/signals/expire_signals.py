from dataclasses import dataclass

from application.shared.ports import Begin, Clock
from application.signals.ports import SignalsWork

BATCH = 200


@dataclass(frozen=True, slots=True)
class ExpireSignals:
    """End the signals whose moment has passed."""

    begin: Begin[SignalsWork]
    clock: Clock

    async def __call__(self) -> int:
        """Return how many signals expired."""
        at = self.clock.now()
        async with self.begin(None) as work:
            due = await work.signals.due_to_expire(at, BATCH)
            for signal in due:
                await work.signals.record(signal.expire(at=at))
        return len(due)
