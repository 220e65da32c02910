import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.registry import WORKS
from benchmarks.work import Outcome, Work, measured
from domain.shared.errors import PlimsollError
from entrypoints.cli.logs import write_logs


def main(
    only: Annotated[str | None, typer.Option(help="Measure this work alone.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often each side runs.")] = None,
) -> None:
    """Measure Plimsoll against the least that the work takes (floor) and against the usual way (peer)."""
    write_logs("warning", as_json=False)
    chosen = [work for work in WORKS if only in {None, work.name}]
    if not chosen:
        names = ", ".join(work.name for work in WORKS)
        sys.exit(f"There is no work called {only}; choose one of: {names}.")
    try:
        outcomes = uvloop.run(_all(chosen, rounds, json=json))
    except PlimsollError as refusal:
        sys.exit(str(refusal))
    if not json:
        Console(width=max(Console().width, WIDTH)).print(_table(outcomes))


WIDTH = 110
"""Columns that the table takes: figures cut off are none."""


async def _all(works: list[Work], rounds: int | None, *, json: bool) -> list[Outcome]:
    outcomes = []
    with Console(stderr=True).status("Measuring…") as status:
        for work in works:
            status.update(f"Measuring {work.name}…")
            outcomes.append(await measured(work, rounds))
            if json:
                print(orjson.dumps(asdict(outcomes[-1])).decode(), flush=True)
    return outcomes


def _table(outcomes: list[Outcome]) -> Table:
    table = Table(title="Ours against the floor and the peer, medians of interleaved runs")
    for heading in ("work", "unit", "ours", "floor", "peer", "over floor", "over peer", "runs"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in {"work", "unit"} else "right")
    for one in outcomes:
        numbers = [f"{value:.4f}" if value is not None else "-" for value in (one.ours, one.floor, one.peer)]
        over_floor = f"{one.over_floor:.2f}" if one.over_floor else "-"
        over_peer = f"{one.over_peer:.5f} (1/{1 / one.over_peer:.0f})" if one.over_peer else "-"
        table.add_row(one.work, one.unit, *numbers, over_floor, over_peer, str(one.runs))
    return table


if __name__ == "__main__":
    typer.run(main)
