from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from application.shared.ports import Begin, FollowingWork, Recorded

PAGE = 20
"""Facts that one transaction reacts to: few enough that it stays short."""

WorkT = TypeVar("WorkT", bound=FollowingWork)


async def follow(
    begin: Begin[WorkT],
    name: str,
    types: Sequence[type],
    react: Callable[[WorkT, Recorded], Awaitable[None]],
    limit: int = PAGE,
) -> int:
    """React to the next facts of these types, and return how many there were; none while another worker is at it.

    The checkpoint moves in the transaction of the effects, so each fact has its effect exactly once however often a
    worker dies.
    """
    async with begin(None) as work:
        place = await work.checkpoints.hold(name)
        if place is None:
            return 0
        page = await work.facts.after(place, limit=limit, types=types)
        for recorded in page:
            await react(work, recorded)
        if page:
            await work.checkpoints.move(name, page[-1].place)
    return len(page)


def source_of(recorded: Recorded) -> str:
    """Name a fact in a way that holds in any copy of the log: its stream, and its number there."""
    return f"{recorded.stream}@{recorded.version}"
