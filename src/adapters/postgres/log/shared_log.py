from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from adapters.postgres.log.stored_log import PostgresStoredLog
from adapters.postgres.statements import fetch
from application.audit.proving.stored_log import LeafRun
from application.shared.ports import Place

_LEAVES: Final = "SELECT place, leaf FROM leaves_of_events(%(after)s, %(until)s)"


@dataclass(frozen=True, slots=True)
class PostgresSharedLog(PostgresStoredLog):
    """The log as the HTTP server may have it: row-level security hides others' facts, and a function hashes them."""

    async def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Return the hashes of everybody's facts in the order of their places; a new run begins after every gap."""
        cut = await self.archived.cut()
        if after < cut:
            async for run in self.archived.leaves(after=after, until=min(until, cut)):
                yield run
        first, held = max(after, cut) + 1, list[bytes]()
        rows = await fetch(self.connection, _LEAVES, {"after": max(after, cut), "until": until})
        for row in rows:
            if row.place != first + len(held):
                if held:
                    yield LeafRun(Place(first), held)
                first, held = row.place, []
            held.append(row.leaf)
        if held:
            yield LeafRun(Place(first), held)
