"""Processes that can be started quickly and killed at any moment: forked from one that has imported everything."""

import asyncio
import multiprocessing
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [f"tests.integration.log.{name}" for name in ("writer", "subscriber", "racer")]
)


def started(main: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> ForkServerProcess:
    """Run a coroutine function of a module, with what can be pickled, in a process of its own."""
    process = _CONTEXT.Process(target=_run, args=(main, *arguments), daemon=True)
    process.start()
    return process


def ended(process: ForkServerProcess, *, patience: float = 60) -> None:
    """Wait for it to end by itself, in good order."""
    process.join(patience)
    assert process.exitcode == 0, f"{process} did not end well: {process.exitcode}"


def killed(process: ForkServerProcess) -> None:
    """Kill -9, and wait until it is gone."""
    process.kill()
    process.join(10)


@contextmanager
def running(*processes: ForkServerProcess) -> Iterator[None]:
    """Let none of them outlive the test."""
    try:
        yield
    finally:
        for process in processes:
            killed(process)


def told_to_stop(sign: Path) -> bool:
    """Say whether somebody has put a file there."""
    return sign.exists()


def _run(main: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
    asyncio.run(main(*arguments))
