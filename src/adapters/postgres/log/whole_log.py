from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from adapters.codec.events import names_of
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.copied_facts import copied_facts
from adapters.postgres.log.reading import last_place, read_after, read_stream, recorded
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.audit.proving.archive import Wanted
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id

PAGE: Final = 4_000
"""Archived facts that are handed on at once."""


@dataclass(frozen=True, slots=True)
class WholeLog:
    """The log as a transaction may see it, wherever its facts are kept.

    The database is asked first, and only then whether something is missing from what it said: whatever is taken out
    in between is found in the archive, and what is in both is taken from there.
    """

    subjects: PostgresSubjectKeys
    archived: PostgresArchived

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type], until: Place | None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log, of these types only where any are named."""
        here = await read_after(self.subjects, place, limit=limit, types=types, until=until)
        if here and here[0].place == place + 1:
            return here  # nothing before it can be missing
        cut = await self.archived.cut()
        if place >= cut:
            return here
        names = tuple(name for kind in types for name in names_of(kind))
        there = await self._from_files(Wanted(after=place, until=_lower(cut, until), types=names), limit)
        return [*there, *(one for one in here if one.place > cut)][:limit]

    async def through(self, after: Place, until: Place) -> AsyncGenerator[Sequence[Recorded], None]:
        """Read the facts between two places in the order of the log, a run at a time."""
        cut, place = await self.archived.cut(), after
        while place < min(cut, until):
            page = await self.after(place, limit=PAGE, types=(), until=min(cut, until))
            if not page:
                break
            yield page
            place = page[-1].place
        end = min(until, await last_place(self.subjects.connection, by=None))
        async with aclosing(copied_facts(self.subjects, after=max(after, cut), until=end)) as runs:
            async for run in runs:
                yield run

    async def of(self, stream: Id, *, after: Place | None, until: Place | None) -> Sequence[Recorded]:
        """Return a stream's history in order, after one place and up to another."""
        here = await read_stream(self.subjects, stream, after=after, until=until)
        if here and here[0].version == 1:
            return here
        cut = await self.archived.cut()
        if (after or 0) >= cut:
            return here
        wanted = Wanted(after=after or Place(0), until=_lower(cut, until), streams=frozenset({stream}))
        return [*await self._from_files(wanted, None), *(one for one in here if one.place > cut)]

    async def _from_files(self, wanted: Wanted, limit: int | None) -> Sequence[Recorded]:
        found = await self.archived.facts(wanted, limit=limit)
        return await recorded(self.subjects, [row_of(fact) for fact in found])


def row_of(fact: StoredFact) -> tuple[Any, ...]:
    """Return a fact as the columns that readers ask the database for."""
    return (
        fact.place,
        fact.stream,
        fact.version,
        fact.type,
        fact.user_id,
        fact.recorded_at,
        fact.payload,
        fact.fingerprint,
    )


def _lower(cut: Place, until: Place | None) -> Place:
    return cut if until is None else min(cut, until)
