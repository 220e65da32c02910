from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.copied_turns import not_continued
from adapters.postgres.statements import fetch
from application.shared.ports import Place

PAGE: Final = 10_000

_MISDATED: Final = """
SELECT number FROM (
    SELECT number, first_position, recorded_at, lag(recorded_at) OVER (ORDER BY number) AS before
    FROM commits WHERE number >= %(after)s AND number <= %(until)s
) AS dated
JOIN events ON events.position = dated.first_position
WHERE number > %(after)s AND first_position > %(cut)s AND dated.recorded_at <> greatest(events.recorded_at, before)
ORDER BY number LIMIT 1
"""
_DATED: Final = """
SELECT number, first_position, recorded_at FROM commits
WHERE number >= %(after)s AND number <= %(until)s AND first_position <= %(cut)s ORDER BY number LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Turns:
    """Whether what the log says of order and time agrees with itself, in the database and in the archive."""

    connection: AsyncConnection
    archived: PostgresArchived

    async def out_of_turn(self, *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream: versions count from one, without gaps."""
        cut = await self.archived.cut()
        if after < cut:
            found = await self.archived.out_of_turn(after=after, until=min(until, cut))
            if found is not None or until <= cut:
                return found
        driver = await driver_of(self.connection)
        rows = await not_continued(driver, cut=cut, after=max(after, cut), until=until)
        for begin in range(0, len(rows), PAGE):
            found = await self._not_continued(rows[begin : begin + PAGE], cut)
            if found is not None:
                return found
        return None

    async def _not_continued(self, rows: Sequence[tuple[Any, ...]], cut: Place) -> Place | None:
        """Return the first fact that does not continue its stream in the archive either."""
        begun = [stream for _, stream, _, due in rows if due == 1]
        heads = await self.archived.heads(begun, until=cut) if cut and begun else {}
        for place, stream, version, due in rows:
            if due != 1 or version != heads.get(stream, 0) + 1:
                return Place(place)
        return None

    async def misdated(self, *, after: int, until: int) -> int | None:
        """Return the first commit whose time is neither that of its facts nor, were that earlier, its predecessor's."""
        cut = await self.archived.cut()
        if cut:
            found = await self._misdated_in_files(after, until, cut)
            if found is not None:
                return found
        rows = await fetch(self.connection, _MISDATED, {"after": after, "until": until, "cut": cut})
        return int(rows[0].number) if rows else None

    async def _misdated_in_files(self, after: int, until: int, cut: Place) -> int | None:
        previous: Any = None
        while True:
            values = {"after": after, "until": until, "cut": cut, "limit": PAGE}
            rows = await fetch(self.connection, _DATED, values)
            if previous is None and rows and rows[0].number > after:
                rows = [None, *rows]  # nothing comes before the first commit
            places = [Place(row.first_position) for row in rows if row is not None]
            times: dict[Place, datetime] = dict(await self.archived.times(places)) if places else {}
            for before, row in pairwise(rows):
                moment = times.get(row.first_position)
                due = moment if before is None or moment is None else max(moment, before.recorded_at)
                if due != row.recorded_at:
                    return int(row.number)
            if len(rows) < PAGE:
                return None
            previous, after = rows[-1], rows[-1].number
