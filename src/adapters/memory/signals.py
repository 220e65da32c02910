from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.shared.ids import SignalId, UserId
from domain.signals.errors import SignalNotFound
from domain.signals.signal import Signal, SignalChange, SignalStatus


def signals_in(transaction: Transaction, facts: Facts) -> Aggregates[Signal]:
    """Return the signals as the transaction sees them."""
    return Aggregates(Table(transaction, "signals"), facts, lambda signal: signal.user_id, "This signal")


@dataclass(frozen=True, slots=True)
class MemorySignals:
    """Signals in memory."""

    states: Aggregates[Signal]

    async def get(self, signal_id: SignalId) -> Signal:
        """Return the signal, or raise SignalNotFound."""
        signal = self.states.find(signal_id)
        if signal is None:
            raise SignalNotFound(signal_id)
        return signal

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are."""
        found = ((signal_id, self.states.find(signal_id)) for signal_id in signal_ids)
        return {signal_id: signal for signal_id, signal in found if signal is not None}

    async def record(self, *changes: SignalChange) -> None:
        """Store the states and append the facts at the commit."""
        for change in changes:
            await self.states.record(change)

    async def list(
        self, user_id: UserId, *, status: SignalStatus | None, before: SignalId | None, limit: int
    ) -> tuple[Signal, ...]:
        """Return the user's signals, newest first."""
        return self.states.newest(
            lambda signal: signal.user_id == user_id and status in {None, signal.status},
            lambda signal: signal.detected_at,
            before=before,
            limit=limit,
        )

    async def due_to_expire(self, at: datetime, limit: int) -> tuple[Signal, ...]:
        """Return signals whose moment has passed but that are not expired yet, the longest overdue first."""
        due = [
            (signal.expires_at, signal.id, signal)
            for signal in self.states.all()
            if signal.status is not SignalStatus.EXPIRED
            and signal.expires_at is not None
            and signal.expires_at <= at
        ]
        return tuple(signal for _, _, signal in sorted(due, key=lambda row: row[:2])[:limit])
