from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import fetch
from application.audit.proving.archive import (
    ArchivedFacts,
    ArchivedFile,
    ArchivedStream,
    ArchiveFault,
    Wanted,
)
from application.audit.proving.stored_log import BEGINNING, LeafRun, StoredFact
from application.shared.ports import Place
from domain.shared.ids import Id

_CUT: Final = """
SELECT CASE act WHEN 'archived' THEN last_position ELSE first_position - 1 END AS cut
FROM archives ORDER BY number DESC LIMIT 1
"""
# What was brought back and archived anew is read from the newer files.
_FILES: Final = """
SELECT DISTINCT ON (first_position) file, first_position, last_position, bytes, sha256
FROM archives WHERE act = 'archived' AND last_position > %(after)s AND first_position <= %(until)s
ORDER BY first_position, number DESC
"""
# As the policies on `events` have it, for facts that no policy can see.
_SIGHT: Final = """
SELECT pg_has_role(current_user, 'plimsoll_worker', 'MEMBER') OR (auditing AND audited IS NULL) AS everybody,
    actor, CASE WHEN auditing THEN audited END AS audited
FROM (
    SELECT auditing() AS auditing, nullif(current_setting('app.audited', true), '')::uuid AS audited,
        nullif(current_setting('app.actor', true), '')::uuid AS actor
) AS said
"""


class NoArchive:
    """Stands where nobody said how archived facts are read: whoever needs one is told so."""

    async def facts(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, limit: int | None = None
    ) -> Sequence[StoredFact]:
        """Return nothing of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        return ()

    async def leaves(
        self, files: Sequence[ArchivedFile], *, after: Place, until: Place
    ) -> AsyncIterator[LeafRun]:
        """Yield nothing of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        empty: tuple[LeafRun, ...] = ()
        for run in empty:
            yield run

    async def out_of_turn(self, files: Sequence[ArchivedFile], *, after: Place, until: Place) -> Place | None:
        """Return None of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        return None

    async def streams(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, beyond: Place, limit: int | None
    ) -> Sequence[ArchivedStream]:
        """Return nothing of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        return ()

    async def heads(
        self, files: Sequence[ArchivedFile], streams: Sequence[Id], *, until: Place
    ) -> Mapping[Id, int]:
        """Return nothing of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        return {}

    async def times(self, files: Sequence[ArchivedFile], places: Sequence[Place]) -> Mapping[Place, datetime]:
        """Return nothing of no files, or raise ArchiveFault."""
        for file in files:
            raise self._fault(file)
        return {}

    def _fault(self, file: ArchivedFile) -> ArchiveFault:
        sentence = (
            f"Positions {file.first} to {file.last} are archived in {file.name}, which nobody reads here."
        )
        return ArchiveFault(sentence, file=file.name, place=file.first, missing=True)


@dataclass(frozen=True, slots=True)
class PostgresArchived:
    """The part of the log that was taken out of the database, as one transaction may see it."""

    connection: AsyncConnection
    opened: Callable[[], ArchivedFacts]

    @property
    def archive(self) -> ArchivedFacts:
        """What reads the files; most transactions do without, and it takes long to load."""
        return self.opened()

    async def cut(self) -> Place:
        """Return the last place that is to be read from files; 0 when the whole log is here.

        It stays so until the transaction ends, for partitions are taken out when nobody is left who asked.
        """
        rows = await fetch(self.connection, _CUT, {})
        return Place(rows[0].cut if rows else 0)

    async def facts(self, wanted: Wanted, *, limit: int | None = None) -> Sequence[StoredFact]:
        """Return facts that the transaction may see, in the order of their places; raises ArchiveFault."""
        visible = await self._visible(wanted)
        if visible is None:
            return ()
        files = await self.files(after=wanted.after, until=wanted.until)
        return await self.archive.facts(files, visible, limit=limit)

    async def facts_of_all(self, wanted: Wanted) -> Sequence[StoredFact]:
        """Return facts in the order of their places, whoever asks: for what a user may know without seeing them."""
        files = await self.files(after=wanted.after, until=wanted.until)
        return await self.archive.facts(files, wanted)

    async def streams(
        self, wanted: Wanted, *, beyond: Place = BEGINNING, limit: int | None = None
    ) -> Sequence[ArchivedStream]:
        """Return the streams of such facts, as the transaction may see them, in the order of their first one."""
        visible = await self._visible(wanted)
        if visible is None:
            return ()
        files = await self.files(after=wanted.after, until=wanted.until)
        return await self.archive.streams(files, visible, beyond=beyond, limit=limit)

    async def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Hash facts in the order of their places, for whoever may see them or not; raises ArchiveFault."""
        async for run in self.archive.leaves(
            await self.files(after=after, until=until), after=after, until=until
        ):
            yield run

    async def out_of_turn(self, *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream; raises ArchiveFault."""
        return await self.archive.out_of_turn(
            await self.files(after=Place(0), until=until), after=after, until=until
        )

    async def heads(self, streams: Sequence[Id], *, until: Place) -> Mapping[Id, int]:
        """Return how many facts of these streams there are up to a place; raises ArchiveFault."""
        files = await self.files(after=BEGINNING, until=until)
        return await self.archive.heads(files, streams, until=until)

    async def times(self, places: Sequence[Place]) -> Mapping[Place, datetime]:
        """Return when the facts at these places, in order, were recorded; raises ArchiveFault."""
        return await self.archive.times(
            await self.files(after=Place(places[0] - 1), until=places[-1]), places
        )

    async def files(self, *, after: Place, until: Place) -> Sequence[ArchivedFile]:
        """Return the files that hold the facts between two places, in order."""
        return [
            ArchivedFile(
                name=row.file,
                first=Place(row.first_position),
                last=Place(row.last_position),
                size=row.bytes,
                sha256=row.sha256,
            )
            for row in await fetch(self.connection, _FILES, {"after": after, "until": until})
        ]

    async def _visible(self, wanted: Wanted) -> Wanted | None:
        [sight] = await fetch(self.connection, _SIGHT, {})
        if sight.everybody:
            return wanted
        return wanted.seen_by({user for user in (sight.actor, sight.audited) if user is not None})
