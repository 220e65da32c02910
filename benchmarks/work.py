import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias

Run: TypeAlias = Callable[[], Awaitable[float]]
"""Does the work once and returns what it measured, in the work's unit; `peak_memory` in megabytes, once at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One way of doing the work that is ours, the least that anybody must do, and the usual way: those that exist."""

    ours: Run
    floor: Run | None = None
    peer: Run | None = None
    peak_memory: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something worth measuring: `open` builds what it needs, checks that all sides agree, and tears it down.

    A `throughput` is the better the higher, anything else the lower. `summary` makes one number of our runs; the
    floor's and the peer's are medians like it unless it says otherwise.
    """

    name: str
    unit: str
    open: Callable[[], AbstractAsyncContextManager[Contest]]
    rounds: int = 7
    throughput: bool = False
    summary: Callable[[Sequence[float]], float] = statistics.median


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was measured: None where there is no such side.

    Of a throughput `of_floor` is its share of the limit's, and `times_peer` how often it is the peer's; of a duration
    `over_floor` and `over_peer` are how many times as long it takes.
    """

    work: str
    unit: str
    ours: float
    floor: float | None
    peer: float | None
    over_floor: float | None
    over_peer: float | None
    of_floor: float | None
    times_peer: float | None
    peak_memory_mb: float | None
    runs: int


async def measured(work: Work, rounds: int | None) -> Outcome:
    """Run every side once to warm it, then all sides in turn, round after round, so that they share the weather."""
    async with work.open() as contest:
        sides = {"ours": contest.ours, "floor": contest.floor, "peer": contest.peer}
        found: dict[str, list[float]] = {}
        for index in range(1 + (rounds or work.rounds)):
            for name, run in sides.items():
                if run is not None:
                    value = await run()
                    found.setdefault(name, []).extend([value] if index else [])
        peak = None if contest.peak_memory is None else await contest.peak_memory()
    ours, floor, peer = (work.summary(found[name]) if name in found else None for name in sides)
    if ours is None:
        raise AssertionError("Our side always runs.")
    of_floor, of_peer = ours / floor if floor else None, ours / peer if peer else None
    return Outcome(
        work=work.name,
        unit=work.unit,
        ours=ours,
        floor=floor,
        peer=peer,
        over_floor=None if work.throughput else of_floor,
        over_peer=None if work.throughput else of_peer,
        of_floor=of_floor if work.throughput else None,
        times_peer=of_peer if work.throughput else None,
        peak_memory_mb=peak,
        runs=len(found["ours"]),
    )


def timed(work: Callable[[], Awaitable[object]]) -> Run:
    """Return the run that takes the time of the work, in seconds."""

    async def run() -> float:
        start = time.perf_counter()
        await work()
        return time.perf_counter() - start

    return run
