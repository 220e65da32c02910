from dataclasses import dataclass

from application.shared.ports import Begin, Clock
from application.signals.ports import SignalsWork
from domain.shared.ids import SignalId, UserId


@dataclass(frozen=True, slots=True)
class AcknowledgeSignal:
    """Let a user mark a signal as seen."""

    begin: Begin[SignalsWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, signal_id: SignalId) -> None:
        """Raise SignalNotFound, or SignalNotActive when it is over."""
        async with self.begin(actor) as work:
            signal = await work.signals.get(signal_id)
            await work.signals.record(signal.acknowledge(at=self.clock.now()))
