import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.scratch import alerts, rules, signals, stakes, watches
from adapters.scratch.alerts import ScratchAlerts, ScratchDeliveries
from adapters.scratch.memories import ScratchMemories
from adapters.scratch.rows import Rows
from adapters.scratch.rules import ScratchRules
from adapters.scratch.signals import ScratchSignals
from adapters.scratch.stakes import ScratchStakes
from adapters.scratch.watches import ScratchWatches
from adapters.scratch.window import Progress, Window
from application.shared.ports import Recorded
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId


class NoRoom(Unavailable):
    """The temporary file of a replay cannot grow."""

    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(
            f"The temporary file of the replay cannot be written ({error}); see that the folder that TMPDIR names has "
            "room, then try again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionWork:
    """Everything that the reactions of a replay need; what they write is there at once."""

    facts: Window
    checkpoints: Progress
    signals: ScratchSignals
    rules: ScratchRules
    watches: ScratchWatches
    alerts: ScratchAlerts
    deliveries: ScratchDeliveries


@dataclass(frozen=True, slots=True)
class ScratchReactions:
    """A store in which decisions are made again and then forgotten; its memory does not grow with the log."""

    rows: Rows = field(
        default_factory=lambda: Rows.opened(
            *rules.TABLES, *watches.TABLES, *signals.TABLES, *alerts.TABLES, *stakes.TABLES
        )
    )
    window: Window = field(default_factory=Window)
    progress: Progress = field(default_factory=Progress)

    @property
    def remembered(self) -> ScratchMemories:
        """What the reactions remember."""
        return ScratchMemories(self.rows)

    @property
    def stakes(self) -> ScratchStakes:
        """Who was seen in which market."""
        return ScratchStakes(self.rows, self.window.fed)

    def feed(self, recorded: Recorded) -> None:
        """Give the reactions the next fact to follow."""
        self.window.feed(recorded)

    def taken(self) -> Sequence[Recorded]:
        """Return what was decided since this was asked last, and let go of it and of what it was decided from."""
        return self.window.taken()

    @asynccontextmanager
    async def begin(self, actor: UserId | None) -> AsyncIterator[ReactionWork]:
        """Open the store; there is nobody else in it, so nothing has to be undone for anybody."""
        try:
            yield ReactionWork(
                facts=self.window,
                checkpoints=self.progress,
                signals=ScratchSignals(self.rows, self.window),
                rules=ScratchRules(self.rows, self.window.fed),
                watches=ScratchWatches(self.rows, self.window.fed),
                alerts=ScratchAlerts(self.rows, self.window),
                deliveries=ScratchDeliveries(self.rows, self.window),
            )
        except sqlite3.OperationalError as error:
            raise NoRoom(error) from error

    def close(self) -> None:
        """Let go of everything."""
        self.rows.close()
