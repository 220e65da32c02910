import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def apart(work: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Do work that computes for long in a thread and an event loop of its own, so that everything else goes on.

    Cancelling it cancels the work, and waits until that has ended.
    """
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[ResultT]]] = Future()

    async def there() -> ResultT:
        task = asyncio.ensure_future(work())
        begun.set_result((asyncio.get_running_loop(), task))
        return await task

    def thread() -> Callable[[], ResultT]:
        try:
            result = asyncio.run(there())
        except asyncio.CancelledError:
            return _cancelled
        return lambda: result

    running = asyncio.ensure_future(asyncio.to_thread(thread))
    try:
        outcome = await asyncio.shield(running)
    except asyncio.CancelledError:
        loop, task = await asyncio.wrap_future(begun)
        loop.call_soon_threadsafe(task.cancel)
        await asyncio.wait({running})
        raise
    return outcome()


def _cancelled() -> Any:
    raise asyncio.CancelledError
