import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.log import size
from benchmarks.registry import WORKS
from benchmarks.work import Outcome, Work, measured
from domain.shared.errors import PlimsollError
from entrypoints.cli.logs import write_logs


def main(
    only: Annotated[str | None, typer.Option(help="Measure this work alone.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often each side runs.")] = None,
    events: Annotated[
        int, typer.Option(min=1_000, help="Events that replay and verify_chain read.")
    ] = size.DEFAULT,
) -> None:
    """Measure Plimsoll against the least that the work takes (floor) and against the usual way (peer).

    Works of the event log count events a second: of_floor is our share of the limit's throughput, times_peer how often
    ours is the peer's, peak_memory_mb what a process needs that does the work once. The others count seconds:
    over_floor and over_peer say how many times as long ours takes. --json has the same keys for every work (work, unit,
    ours, floor, peer, over_floor, over_peer, of_floor, times_peer, peak_memory_mb, runs), null where there is no such.
    """
    size.chosen = events
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
    for heading in ("work", "unit", "ours", "floor", "peer", "to floor", "to peer", "peak", "runs"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in {"work", "unit"} else "right")
    for one in outcomes:
        numbers = [_number(value, one) for value in (one.ours, one.floor, one.peer)]
        peak = "-" if one.peak_memory_mb is None else f"{one.peak_memory_mb:.0f} MB"
        table.add_row(one.work, one.unit, *numbers, _to_floor(one), _to_peer(one), peak, str(one.runs))
    return table


def _number(value: float | None, one: Outcome) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if one.of_floor or one.times_peer else f"{value:.4f}"


def _to_floor(one: Outcome) -> str:
    if one.of_floor:
        return f"{one.of_floor:.2f} of it"
    return f"{one.over_floor:.2f} over" if one.over_floor else "-"


def _to_peer(one: Outcome) -> str:
    if one.times_peer:
        return f"{one.times_peer:.1f} times"
    return f"1/{1 / one.over_peer:.0f}" if one.over_peer else "-"


if __name__ == "__main__":
    typer.run(main)
