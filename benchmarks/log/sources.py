"""Where the works of the log find what they measure."""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from adapters.codec.events import encode
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.roles import worker_url
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from benchmarks.log import size
from benchmarks.log.history import Turn, history
from benchmarks.log.loading import load
from benchmarks.stage import database_stage
from benchmarks.work import Run


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of the history that went through the codec already."""

    turn: Turn
    name: str
    payload: bytes


def told(turns: Iterable[Turn]) -> list[Told]:
    return [Told(turn, *encode(turn.fact)) for turn in turns]


def endless() -> Iterator[Turn]:
    return history(10**12)


def taken(turns: Iterator[Turn], count: int) -> list[Turn]:
    return list(islice(turns, count))


@asynccontextmanager
async def loaded_log() -> AsyncIterator[tuple[str, int]]:
    """Yield the URL of a database whose log holds as many events as were chosen, and how many that is."""
    async with database_stage() as admin_url:
        await asyncio.to_thread(load, admin_url, size.chosen)
        yield admin_url, size.chosen


def database_of(admin_url: str) -> PostgresDatabase[PostgresWork]:
    return PostgresDatabase(
        worker_url(admin_url), work=PostgresWork, clock=SystemClock(), ids=SystemIds(), pool_size=2
    )


def per_second(events: int, work: Callable[[], Awaitable[object]]) -> Run:
    """Return the run that takes how many events the work does in a second."""

    async def run() -> float:
        start = perf_counter()
        await work()
        return events / (perf_counter() - start)

    return run


def drained(admin_url: str, events: int) -> Run:
    """Return the run that takes every row of the log out by binary COPY, and keeps none."""

    def drain() -> None:
        rows = 0
        with (
            psycopg.connect(conninfo(admin_url)) as connection,
            connection.cursor() as cursor,
            cursor.copy("COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)") as copy,
        ):
            for _ in copy:
                rows += 1
        check(rows, events + 1)  # the trailer comes in a row of its own

    async def work() -> None:
        drain()

    return per_second(events, work)


def in_a_process_of_its_own(module: str, admin_url: str, events: int) -> Run:
    """Return the run that does the work once in a new process, and takes its peak memory in megabytes."""

    async def run() -> float:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, admin_url, str(events)),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        answer, _ = await process.communicate()
        if process.returncode:
            raise AssertionError(f"{module} failed.")
        return float(answer)

    return run


def peak_memory_mb() -> float:
    """Return the most memory that this process has held; what the system counts may include its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        [peak] = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(peak) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


def check(found: Any, wanted: Any) -> None:
    if found != wanted:
        raise AssertionError(f"The work was not done: {found} instead of {wanted}.")
