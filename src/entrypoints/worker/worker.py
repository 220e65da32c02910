import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from entrypoints.worker.chains import ChainWatch
from entrypoints.worker.loop import forever
from entrypoints.worker.outbox import Outbox
from entrypoints.worker.reactions import Reactions

_log = structlog.get_logger(__name__)

UPKEEP_SECONDS = 30.0

GRACE = 8.0
"""Seconds that deliveries and jobs under way get to end when the worker is told to stop."""

_CANCELLING = 1.0
"""Seconds that a cancelled task gets to put things away before it is cancelled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Everything that happens without being asked: watching chains, jobs, reactions, deliveries, and upkeep."""

    chains: Sequence[ChainWatch]
    jobs: Callable[[asyncio.Event], Awaitable[None]]
    reactions: Reactions
    outbox: Outbox
    upkeep: Sequence[Callable[[], Awaitable[object]]]
    receive_codes: Callable[[], Awaitable[object]] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is under way then is finished, or found unconfirmed by the next worker."""
        _log.info("worker starts", chains=[watch.chain_id for watch in self.chains])
        async with asyncio.TaskGroup() as group:
            endless = [
                group.create_task(self.reactions.run()),
                group.create_task(forever("upkeep", self._keep_up)),
                *(group.create_task(watch.run()) for watch in self.chains),
            ]
            if self.receive_codes is not None:
                endless.append(group.create_task(forever("telegram", self.receive_codes)))
            finishing = [
                group.create_task(self.outbox.run(stop)),
                group.create_task(forever("jobs", lambda: self.jobs(stop), until=stop)),
            ]
            await stop.wait()
            self.outbox.call()
            _, (_, unfinished) = await asyncio.gather(_ended(endless), asyncio.wait(finishing, timeout=GRACE))
            await _ended(unfinished)
        _log.info("worker stopped", unfinished=len(unfinished))

    async def _keep_up(self) -> None:
        for chore in self.upkeep:
            await chore()
        await asyncio.sleep(UPKEEP_SECONDS)


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: a cancellation can get lost in `asyncio.wait_for`, before Python 3.12."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_CANCELLING)
