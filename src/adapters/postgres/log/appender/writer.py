import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.postgres.errors import DatabaseUnavailable, our_errors
from adapters.postgres.log.append import Append, Refusal, Verdict, append_group
from adapters.postgres.log.appender.session import Session
from adapters.postgres.log.appender.waiting import Waiting
from application.shared.appender import Unanswered
from application.shared.ports import Clock, Place
from application.shared.requests import KeyReused
from domain.shared.errors import StaleWrite, Unavailable

_log = structlog.get_logger(__name__)

SHORTEST_PAUSE: Final = 0.1
"""Seconds until a database that went away is asked again; twice as long each time."""
LONGEST_PAUSE: Final = 2.0
"""Seconds that it is left alone at most."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one group after another, each append of it once, however often the database goes away meanwhile."""

    session: Session
    clock: Clock
    patience: float

    async def write(self, group: Sequence[Waiting]) -> None:
        """Settle every append of the group: its place, or why it is not on record."""
        waiting = list(group)
        deadline, pause = asyncio.get_running_loop().time() + self.patience, SHORTEST_PAUSE
        while waiting:
            try:
                waiting = await self._attempt(waiting)
            except Unavailable as away:
                if asyncio.get_running_loop().time() > deadline:
                    for one in waiting:
                        one.settle(Unanswered(one.stream, one.expected, one.key))
                    return
                _log.warning("append waits for the database", appends=len(waiting), reason=str(away))
                await self.session.drop()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next group is written
                if len(waiting) == 1:
                    waiting[0].settle(error)
                    return
                for one in waiting:  # what one of them did wrong is no fault of the others
                    await self.write([one])
                return

    async def _attempt(self, waiting: list[Waiting]) -> list[Waiting]:
        """Send them, settle what can be, and return what has to be sent again without the others."""
        at = self.clock.now()
        appends = [one.append(at) for one in waiting]
        try:
            async with asyncio.timeout(self.patience):
                with our_errors():
                    written = await append_group(await self.session.connection(), appends)
        except TimeoutError:
            raise DatabaseUnavailable from None
        if isinstance(written, int):
            _settle_all(waiting, appends, written)
            return []
        return _settle_refused(waiting, written)


def _settle_all(waiting: Sequence[Waiting], appends: Sequence[Append], first: Place) -> None:
    place = int(first)
    for one, append in zip(waiting, appends, strict=True):
        one.settle(Place(place))
        place += len(append.entries)


def _settle_refused(waiting: Sequence[Waiting], verdicts: Sequence[Verdict]) -> list[Waiting]:
    """Settle those that have a verdict; a stream's second append is judged by what its first one comes to."""
    left, seen = list[Waiting](), set[object]()
    for one, verdict in zip(waiting, verdicts, strict=True):
        if verdict is None or (verdict is Refusal.STALE and one.stream in seen):
            left.append(one)
        elif verdict is Refusal.STALE:
            one.settle(StaleWrite("This record"))
        elif verdict is Refusal.KEY_REUSED:
            one.settle(KeyReused())
        elif isinstance(verdict, int):
            one.settle(verdict)
        seen.add(one.stream)
    return left
