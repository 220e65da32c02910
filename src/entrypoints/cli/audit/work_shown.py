from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from application.shared.ports import Place
from entrypoints.cli.terminal import console

Tell: TypeAlias = Callable[[Place, Place], None]


class _Speed(ProgressColumn):
    """How many facts a second go by."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} facts/s", style="figure")


@contextmanager
def work_shown(title: str, *, quiet: bool) -> Iterator[Tell]:
    """Show a bar of how far some work on the log has come, how fast it goes and when it ends; yields what to tell."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), _Speed())
    times = (TimeElapsedColumn(), TextColumn("gone,"), TimeRemainingColumn(), TextColumn("to go"))
    with Progress(*columns, *times, console=console(error=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(title, total=None)

        def tell(place: Place, last: Place) -> None:
            progress.update(task, completed=place, total=last)

        yield tell
