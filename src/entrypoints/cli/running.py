import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

ResultT = TypeVar("ResultT")

TERMINATED = 128 + signal.SIGTERM
"""The exit status of a program that was asked to end, and did."""

LONGEST_END = 30.0
"""Seconds after which a program that was asked to end does, in whatever state: nothing is lost by that."""


def run(work: Coroutine[object, object, ResultT]) -> ResultT:
    """Run the work to its end; Ctrl-C and SIGTERM cancel it, so that it puts everything away first.

    A second SIGTERM ends it at once. Raises KeyboardInterrupt after Ctrl-C, and SystemExit after SIGTERM.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_until_terminated(work))


async def _until_terminated(work: Coroutine[object, object, ResultT]) -> ResultT:
    task = asyncio.ensure_future(work)
    asked = asyncio.Event()

    def end() -> None:
        if asked.is_set():
            os._exit(TERMINATED)
        asked.set()
        task.cancel()
        last = threading.Timer(LONGEST_END, os._exit, (TERMINATED,))
        last.daemon = True
        last.start()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    try:
        return await task
    except asyncio.CancelledError:
        if asked.is_set():
            raise SystemExit(TERMINATED) from None
        raise
