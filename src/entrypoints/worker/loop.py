import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog

from domain.shared.errors import StaleWrite
from entrypoints.worker.passes import Passes

_log = structlog.get_logger(__name__)

ItemT = TypeVar("ItemT")


async def forever(
    name: str, step: Callable[[], Awaitable[object]], *, until: asyncio.Event | None = None
) -> None:
    """Take the step again and again until cancelled, or until the event; what fails is told, counted and tried again.

    A step waits for its own work. One that another worker overtook (StaleWrite) is taken again at once.
    """
    passes = Passes(name)

    async def one() -> None:
        await step()
        passes.came_through()

    await _again_and_again(passes, one, until)


async def for_each(
    name: str, source: Callable[[], AsyncIterator[ItemT]], step: Callable[[ItemT], Awaitable[object]]
) -> None:
    """Take the step with everything that the source yields, until cancelled.

    When a step or the source fails, that is told and counted, and the source is opened anew.
    """
    passes = Passes(name)

    async def all_of_them() -> None:
        items = source()
        try:
            async for item in items:
                await step(item)
                passes.came_through()
        finally:
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()

    await _again_and_again(passes, all_of_them, None)


async def _again_and_again(
    passes: Passes, attempt: Callable[[], Awaitable[None]], until: asyncio.Event | None
) -> None:
    while until is None or not until.is_set():
        try:
            await attempt()
        except StaleWrite:
            _log.info("overtaken", loop=passes.loop)
            await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001 - the loop outlives whatever happens in one pass, and says so
            await _rest(passes.failed(error), until)


async def _rest(seconds: float, until: asyncio.Event | None) -> None:
    if until is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()
