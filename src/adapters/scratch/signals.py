from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from adapters.scratch.window import Window
from domain.shared.errors import StaleWrite
from domain.shared.ids import SignalId
from domain.signals.signal import Signal, SignalChange

TABLES: Final = ("CREATE TABLE signals (id BLOB PRIMARY KEY, version INTEGER, value BLOB) WITHOUT ROWID",)


@dataclass(frozen=True, slots=True)
class ScratchSignals:
    """The signals that were found."""

    rows: Rows
    window: Window

    async def some(self, signal_ids: Collection[SignalId]) -> Mapping[SignalId, Signal]:
        """Return those of the signals that there are."""
        query = "SELECT value FROM signals WHERE id = ?"
        found = {signal_id: self.rows.read(query, [signal_id.bytes]) for signal_id in signal_ids}
        return {signal_id: signal for signal_id, known in found.items() for signal in known}

    async def record(self, *changes: SignalChange) -> None:
        """Store the states and append the facts, or raise StaleWrite for what there is already."""
        for change in changes:
            state, expected = change.state, change.state.version - len(change.facts)
            if expected:
                self.rows.change("DELETE FROM signals WHERE id = ? AND version = ?", state.id.bytes, expected)
            new = "INSERT OR IGNORE INTO signals VALUES (?, ?, ?)"
            before = self.rows.connection.total_changes
            self.rows.put(new, [(state.id.bytes, state.version, state)])
            if self.rows.connection.total_changes == before:
                raise StaleWrite("This signal")
            self.window.append(state.id, expected, change.facts)
