import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live

from entrypoints.cli.demo.sight import Sight
from entrypoints.cli.demo.view import heading, line, waiting, wallets


class Narrator:
    """Tells the story: on a terminal its lines scroll past above a table that stays; elsewhere both are printed.

    Between scenes it pauses for `pace` seconds, for a person to read; that is never how the demo waits for anything.
    """

    def __init__(self, screen: Console, *, pace: float) -> None:
        self.screen = screen
        self._pace = pace
        self._live = Live(console=screen, auto_refresh=screen.is_terminal, transient=True)
        self._table: RenderableType = ""

    def __enter__(self) -> Self:
        if self.screen.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def act(self, title: str) -> None:
        """Begin an act."""
        self.screen.print(heading(title))

    def tell(self, label: str, text: str, detail: str = "") -> None:
        """Tell what happened."""
        self.screen.print(line(label, text, detail))

    def doing(self, what: str) -> None:
        """Say what is being done or waited for at this moment."""
        if self.screen.is_terminal:
            self._live.update(waiting(self._table, what), refresh=True)

    def show(self, sights: Sequence[Sight], caption: str) -> None:
        """Show the wallets as they are now."""
        self._table = wallets(sights, caption)
        if self.screen.is_terminal:
            self._live.update(waiting(self._table, ""), refresh=True)
        else:
            self.screen.print(self._table)

    def end(self) -> None:
        """Leave the last table standing, and tell no more of what is being done."""
        self._live.stop()
        if self.screen.is_terminal:
            self.screen.print("", self._table)

    async def pause(self) -> None:
        """Give a person time to read."""
        if self._pace:
            await asyncio.sleep(self._pace)
