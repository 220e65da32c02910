from dataclasses import dataclass

from application.shared.ports import Begin
from application.signals.ports import SignalsWork
from domain.shared.ids import SignalId, UserId
from domain.signals.signal import Signal, SignalStatus


@dataclass(frozen=True, slots=True)
class ListSignals:
    """Show a user what was found true of their positions."""

    begin: Begin[SignalsWork]

    async def __call__(
        self, *, actor: UserId, status: SignalStatus | None, before: SignalId | None, limit: int
    ) -> tuple[Signal, ...]:
        """Return signals newest first, continuing after the one named."""
        async with self.begin(actor) as work:
            return await work.signals.list(actor, status=status, before=before, limit=limit)


@dataclass(frozen=True, slots=True)
class GetSignal:
    """Show a user one signal."""

    begin: Begin[SignalsWork]

    async def __call__(self, *, actor: UserId, signal_id: SignalId) -> Signal:
        """Return the signal, or raise SignalNotFound."""
        async with self.begin(actor) as work:
            return await work.signals.get(signal_id)
