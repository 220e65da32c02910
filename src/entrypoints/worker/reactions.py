from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from application.shared.reaction import PAGE
from domain.shared.errors import Unavailable
from entrypoints.worker.loop import for_each

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
        await for_each("reactions", self.wakes, self._woken)

    async def _woken(self, _: None) -> None:
        await self.catch_up()

    async def catch_up(self) -> int:
        """React until there is nothing left to react to, and return how many facts had their effect.

        A reaction that fails holds up none of the others; its error is raised when they have had their turn.
        """
        total = 0
        failure: Exception | None = None
        for reaction in self.reactions:
            try:
                total += await _caught_up(reaction)
            except Unavailable:
                raise  # what is away for one of them is away for all
            except Exception as error:  # noqa: BLE001 - raised below
                failure = failure or error
        if total:
            self.done()
        if failure is not None:
            raise failure
        return total


async def _caught_up(reaction: Callable[[], Awaitable[int]]) -> int:
    """React page by page; one that is not full was the last, and what came after it is hinted at anew."""
    total = 0
    while True:
        count = await reaction()
        total += count
        if count < PAGE:
            return total
