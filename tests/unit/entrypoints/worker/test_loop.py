import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from domain.shared.errors import StaleWrite, Unavailable
from entrypoints.worker import passes
from entrypoints.worker.loop import for_each, forever
from entrypoints.worker.reactions import Reactions


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SHORTEST_PAUSE", 0.001)
    monkeypatch.setattr(passes, "LONGEST_PAUSE", 0.002)


class Step:
    """Fails as often as it is told to, and says when it has been taken so many times."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.taken = 0

    async def __call__(self, *_: object) -> int:
        self.taken += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        await asyncio.sleep(0)
        return 0


@asynccontextmanager
async def running(loop: str, step: Step) -> AsyncIterator[None]:
    task = asyncio.create_task(forever(loop, step))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.usefixtures("impatient")
async def test_what_keeps_failing_is_told_louder_and_shown_until_it_passes() -> None:
    step = Step(*(ValueError("poison") for _ in range(6)))
    with capture_logs() as logs:
        async with running("poisoned", step):
            await until(lambda: step.taken == 6)
            await until(lambda: in_a_row("poisoned") == 6)
            await until(lambda: in_a_row("poisoned") == 0)
    told = [(entry["log_level"], entry["event"]) for entry in logs]
    assert told[:4] == [("warning", "loop failed")] * 4
    assert told[4:6] == [("error", "loop keeps failing")] * 2
    assert told[6] == ("info", "loop works again")
    assert REGISTRY.get_sample_value("plimsoll_loop_failures_total", {"loop": "poisoned"}) == 6


async def test_what_was_overtaken_has_not_failed() -> None:
    step = Step(StaleWrite("It"), StaleWrite("It"))
    async with running("overtaken", step):
        await until(lambda: step.taken > 3)
    assert REGISTRY.get_sample_value("plimsoll_loop_failures_total", {"loop": "overtaken"}) is None


async def test_a_pause_ends_when_the_loop_shall_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SHORTEST_PAUSE", 60.0)
    monkeypatch.setattr(passes, "LONGEST_PAUSE", 60.0)
    until_then = asyncio.Event()
    step = Step(ValueError("once"))
    task = asyncio.create_task(forever("pausing", step, until=until_then))
    await until(lambda: step.taken == 1)
    until_then.set()
    async with asyncio.timeout(1):
        await task


def test_what_is_away_is_tried_again_soon_and_a_mistake_of_ours_later() -> None:
    outage, mistake = passes.Passes("outage"), passes.Passes("mistake")
    away = Unavailable("Away.")
    pauses = [outage.failed(away) for _ in range(20)]
    assert pauses[:3] == [passes.SHORTEST_PAUSE * 2**n for n in range(3)]
    assert pauses[-1] == passes.LONGEST_OUTAGE_PAUSE
    outage.came_through()
    assert outage.failed(away) == passes.SHORTEST_PAUSE
    assert [mistake.failed(ValueError("wrong")) for _ in range(20)][-1] == passes.LONGEST_PAUSE


@pytest.mark.usefixtures("impatient")
async def test_an_endless_source_that_is_followed_comes_through_with_each_item() -> None:
    opened, closed = 0, 0

    async def source() -> AsyncIterator[int]:
        nonlocal opened, closed
        opened += 1
        try:
            while True:
                await asyncio.sleep(0)
                yield 1
        finally:
            closed += 1

    step = Step(None, ValueError("once"), None, None)
    task = asyncio.create_task(for_each("followed", source, step))
    await until(lambda: step.taken > 5)
    assert in_a_row("followed") == 0
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (opened, closed) == (2, 2)


async def test_a_reaction_that_fails_holds_up_none_of_the_others() -> None:
    poisoned, healthy = Step(ValueError("poison")), Step()
    reactions = Reactions((poisoned, healthy), wakes=nothing, done=lambda: None)
    with pytest.raises(ValueError, match="poison"):
        await reactions.catch_up()
    assert healthy.taken == 1


async def nothing() -> AsyncIterator[None]:
    return
    yield


def in_a_row(loop: str) -> float | None:
    return REGISTRY.get_sample_value("plimsoll_loop_failures_in_a_row", {"loop": loop})


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not seen():  # noqa: ASYNC110 - it has no event to wait for
            await asyncio.sleep(0)
