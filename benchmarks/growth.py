"""What grows with the log: `python -m benchmarks.growth` prints a table and a plot for docs/benchmarks.md."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import psycopg
import typer
import uvloop
from rich.console import Console

from adapters.codec.events import encode
from adapters.codec.leaves import Entry
from adapters.postgres.log.append import append
from adapters.postgres.roles import worker_url
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from benchmarks.log.history import history
from benchmarks.log.loading import load
from benchmarks.log.replay import replayed
from benchmarks.log.sources import database_of, drained, in_a_process_of_its_own, per_second
from benchmarks.log.verify import verified
from benchmarks.stage import database_stage
from benchmarks.work import Run
from entrypoints.cli.logs import write_logs

SIZES = (100_000, 300_000, 1_000_000, 3_000_000)


@dataclass(frozen=True, slots=True)
class Grown:
    """Events a second, and peak megabytes, at one size of the log."""

    events: int
    append: float
    drain: float
    replay: float
    verify: float
    replay_mb: float
    verify_mb: float


def main(
    sizes: Annotated[str, typer.Option(help="Sizes of the log, in events.")] = ",".join(map(str, SIZES)),
    rounds: Annotated[int, typer.Option(min=1, help="How often each work runs at each size.")] = 3,
) -> None:
    """Measure appending, replaying and verifying a log of each size; every one has a database of its own."""
    write_logs("warning", as_json=False)
    with Console(stderr=True).status("Measuring…") as status:
        grown = []
        for size in map(int, sizes.replace("_", "").split(",")):
            status.update(f"Measuring a log of {size:,} events…")
            grown.append(uvloop.run(_grown(size, rounds)))
    print(_table(grown))
    print(_plot(grown))


async def _grown(size: int, rounds: int) -> Grown:
    async with database_stage() as admin_url:
        await asyncio.to_thread(load, admin_url, size)
        database = database_of(admin_url)
        try:
            sides = {
                "drain": drained(admin_url, size),
                "replay": per_second(size, lambda: replayed(database, size)),
                "verify": per_second(size, lambda: verified(database, size)),
            }
            found = {name: [await run() for _ in range(rounds)] for name, run in sides.items()}
        finally:
            await database.close()
        memory = [
            await in_a_process_of_its_own(f"benchmarks.log.{name}", admin_url, size)()
            for name in ("replay", "verify")
        ]
        found["append"] = [await _appending(admin_url, seed)() for seed in range(1, rounds + 1)]
        medians = {name: statistics.median(values) for name, values in found.items()}
        return Grown(size, **medians, replay_mb=memory[0], verify_mb=memory[1])


def _appending(admin_url: str, seed: int) -> Run:
    """Return the run that appends ten commits of 1,000 events to what is there, after one that is not counted."""

    async def run() -> float:
        ids, at = SystemIds(), SystemClock().now()
        entries = []
        for turn in history(11_000, seed=1_000 + seed):
            name, payload = encode(turn.fact)
            entries.append(
                Entry(
                    event_id=ids.new(),
                    stream_id=turn.stream,
                    version=turn.version,
                    type=name,
                    user_id=turn.user_id,
                    correlation_id=None,
                    recorded_at=at,
                    payload=payload,
                )
            )
        url = conninfo(worker_url(admin_url))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:

            async def write(begin: int, end: int) -> None:
                for place in range(begin, end, 1_000):
                    await append(connection, entries[place : place + 1_000], key=ids.new())

            await write(0, 1_000)
            return await per_second(10_000, lambda: write(1_000, 11_000))()

    return run


def _table(grown: Sequence[Grown]) -> str:
    lines = [
        "| events | append_1000 | drain | replay | verify | replay, peak | verify, peak |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.events:,} | {one.append:,.0f} | {one.drain:,.0f} | {one.replay:,.0f} | {one.verify:,.0f} "
        f"| {one.replay_mb:.0f} MB | {one.verify_mb:.0f} MB |"
        for one in grown
    ]
    return "\n".join(lines)


def _plot(grown: Sequence[Grown]) -> str:
    def line(values: Sequence[float]) -> str:
        return f"    line [{', '.join(f'{value / 1_000:.0f}' for value in values)}]"

    return "\n".join(
        [
            "",
            "```mermaid",
            "xychart-beta",
            '    title "Thousand events a second; from above: drain, replay, verify, append_1000"',
            f"    x-axis [{', '.join(f'{one.events // 1_000}k' for one in grown)}]",
            f'    y-axis "thousand events/s" 0 --> {max(one.drain for one in grown) / 1_000:.0f}',
            line([one.drain for one in grown]),
            line([one.replay for one in grown]),
            line([one.verify for one in grown]),
            line([one.append for one in grown]),
            "```",
        ]
    )


if __name__ == "__main__":
    typer.run(main)
