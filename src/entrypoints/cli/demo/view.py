from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from entrypoints.cli.demo.promises import Promises
from entrypoints.cli.demo.sight import Sight
from entrypoints.cli.figures import brink, colour_of, health, whole_dollars

LABELS = {
    "price": "bold yellow",
    "signal": "yellow",
    "alert": "bold red",
    "delivered": "cyan",
    "seen": "green",
    "all clear": "bold green",
    "chain": "magenta",
    "replay": "blue",
}
"""How the word at the start of each line of the story is coloured; others are dim."""

_WIDTH = 10


def line(label: str, text: str, detail: str = "") -> Table:
    """Draw one line of the story; what is longer than the terminal is wide stays beside its label."""
    grid = Table.grid(padding=(0, 1), expand=False)
    grid.add_column(width=_WIDTH, justify="right")
    grid.add_column(overflow="fold")
    said = Text(text)
    if detail:
        said.append(f"  {detail}", "quiet")
    grid.add_row(Text(label, LABELS.get(label, "quiet")), said)
    return grid


def heading(text: str) -> Text:
    """Draw the title of an act."""
    return Text(f"\n{text}", "bold")


def wallets(sights: Iterable[Sight], caption: str) -> Table:
    """Draw the table of wallets, narrow enough for eighty columns."""
    table = Table(
        title=Text(caption, "bold"),
        title_justify="left",
        header_style="quiet",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("Wallet", min_width=6, no_wrap=True)
    table.add_column("Health", justify="right", min_width=6, no_wrap=True)
    table.add_column("On chain", justify="center", min_width=8, no_wrap=True)
    table.add_column("Collateral", justify="right", min_width=10, no_wrap=True)
    table.add_column("Debt", justify="right", min_width=7, no_wrap=True)
    table.add_column("Liquidation at", justify="right", min_width=17, no_wrap=True)
    table.add_column("Status", min_width=13, no_wrap=True)
    for sight in sights:
        row, told = sight.row, sight.actor.preferences is not None
        colour = colour_of(row.health)
        table.add_row(
            Text(sight.actor.title, "bold" if told else "quiet"),
            Text(health(row.health), colour),
            Text("the same", "good") if sight.equal else Text("differs", "danger"),
            whole_dollars(row.collateral),
            whole_dollars(row.debt),
            Text(f"{row.price.symbol} {brink(row.price)}") if row.price else Text("none", "quiet"),
            Text(sight.status, colour if told else "quiet"),
        )
    return table


def waiting(table: RenderableType, doing: str) -> Group:
    """Draw the table with what the demo is doing below it."""
    return Group("", table, Spinner("dots", text=Text(f" {doing}", "quiet")) if doing else "")


def finale(promises: Promises) -> Panel:
    """Draw what was seen, and what was not."""
    grid = Table.grid(padding=(0, 1))
    for promise in promises.made:
        mark = Text("✓", "good") if promise.kept else Text("✗", "danger")
        seen = Text(promise.sentence)
        if promise.seen:
            seen.append(f"  {promise.seen}", "quiet")
        grid.add_row(mark, seen)
    title = "All of this was seen" if promises.kept else "Not all that was promised was seen"
    return Panel(grid, title=title, title_align="left", border_style="good" if promises.kept else "danger")
