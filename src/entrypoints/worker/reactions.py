from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from entrypoints.worker.loop import forever

Wakes = Callable[[], AsyncIterator[None]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """Keeps every reaction at the end of the log; each hint, and each poll where hints fail, wakes them in order.

    They run one after another because each feeds on the facts of the one before; `done` is called after a pass that
    had an effect.
    """

    reactions: Sequence[Callable[[], Awaitable[int]]]
    wakes: Wakes
    done: Callable[[], None]

    async def run(self) -> None:
        """Follow the log until cancelled."""
        await forever("reactions", self._follow)

    async def _follow(self) -> None:
        await self.catch_up()
        async for _ in self.wakes():
            await self.catch_up()

    async def catch_up(self) -> int:
        """React until there is nothing left to react to, and return how many facts had their effect."""
        total = 0
        for reaction in self.reactions:
            while count := await reaction():
                total += count
        if total:
            self.done()
        return total
