from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from adapters.scratch.window import Window
from domain.shared.errors import StaleWrite
from domain.shared.ids import SignalId
from domain.signals.signal import Signal, SignalChange

TABLES: Final = ("CREATE TABLE signals (id TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID",)


@dataclass(frozen=True, slots=True)
class ScratchSignals:
    """The signals that were found."""

    rows: Rows
    window: Window

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are."""
        found = {signal_id: self.rows.get("signals", signal_id) for signal_id in signal_ids}
        return {signal_id: signal for signal_id, signal in found.items() if signal is not None}

    async def record(self, *changes: SignalChange) -> None:
        """Store the states and append the facts, or raise StaleWrite for what there is already."""
        for change in changes:
            state, expected = change.state, change.state.version - len(change.facts)
            known: Signal | None = self.rows.get("signals", state.id)
            if (0 if known is None else known.version) != expected:
                raise StaleWrite("This signal")
            self.rows.put("signals", state.id, state)
            self.window.append(state.id, expected, change.facts)
