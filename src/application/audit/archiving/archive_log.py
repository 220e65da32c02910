from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from application.audit.archiving.export_log import ExportLog
from application.audit.archiving.exports import ExportWork
from application.audit.archiving.verify_export import VerifyExport
from application.audit.proving.archive import ArchivedFile
from application.audit.proving.stored_log import BEGINNING
from application.shared.ports import Begin, Clock, Facts, Place
from domain.shared.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A partition of the log: what is archived at once."""

    name: str
    first: Place
    last: Place


class Cut(Protocol):
    """How much of the log was taken out of the database."""

    async def cut(self) -> Place:
        """Return the last place that is to be read from files; 0 when the whole log is in the database."""
        ...

    async def files(self, *, after: Place, until: Place) -> Sequence[ArchivedFile]:
        """Return the files that hold the facts between two places, in order."""
        ...


class ArchiveWork(ExportWork, Protocol):
    """What archiving needs of its transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def archived(self) -> Cut:
        """What was archived."""
        ...


class Parts(Protocol):
    """The partitions of the log, in the hands of who owns them."""

    async def here(self) -> Sequence[Part]:
        """Return those that are in the log, in order."""
        ...

    async def leaving(self) -> Sequence[tuple[Part, Sequence[ArchivedFile]]]:
        """Return those on record as archived that are not gone yet, with their files."""
        ...

    async def register(self, part: Part, files: Sequence[ArchivedFile], *, at: datetime) -> None:
        """Put on record that a part is read from these files from now on."""
        ...

    async def take_out(self, part: Part) -> None:
        """Detach a part that is on record as archived, once nobody reads it any more, and drop it.

        Goes on wherever it was interrupted. Raises Unavailable when it is still read after a while.
        """
        ...


class ArchiveFolder(Protocol):
    """The folder that parts are written into."""

    async def files(self) -> Sequence[ArchivedFile]:
        """Return its files of facts, in order."""
        ...

    async def check(self, files: Sequence[ArchivedFile]) -> None:
        """Raise ArchiveFault unless each file is there, and hashes as on record."""
        ...


Tell: TypeAlias = Callable[[str, Place, Place], None]
"""Told what is being done, how far it has come, and how far it goes."""


@dataclass(frozen=True, slots=True)
class ArchiveLog:
    """Move whole parts of the log that are sealed out of the database, into files that are read in their place.

    A part is exported, verified as it lies there, put on record, and only then taken out. Every step can be
    interrupted, and running it again goes on from there.
    """

    begin: Begin[ArchiveWork]
    parts: Callable[[], AbstractAsyncContextManager[Parts]]
    export: ExportLog  # archiving is an export that is verified and then relied upon: the very same steps
    verify: VerifyExport
    folder: ArchiveFolder
    clock: Clock

    async def due(self, *, until: Place | None = None, before: datetime | None = None) -> Sequence[Part]:
        """Return the parts that would be archived: sealed, whole, older than the newest, and as old as is asked."""
        async with self.parts() as parts:
            return await self._due(parts, until, before)

    async def __call__(
        self, *, until: Place | None = None, before: datetime | None = None, tell: Tell
    ) -> Sequence[Part]:
        """Archive what is due, the oldest part first, and return it.

        Raises Conflict when the log does not hold, when the folder is another's, or another process archives;
        ArchiveFault, Invalid without a key to verify with, and Unavailable.
        """
        async with self.parts() as parts:
            for part, files in await parts.leaving():
                await self._take_out(parts, part, files, tell)
            due = await self._due(parts, until, before)
            for part in due:
                files = await self._written(part, tell)
                await parts.register(part, files, at=self.clock.now())
                await self._take_out(parts, part, files, tell)
        return due

    async def _due(self, parts: Parts, until: Place | None, before: datetime | None) -> Sequence[Part]:
        async with self.begin(None) as work:
            newest = await work.seals.last()
            limits = [BEGINNING if newest is None else newest.seal.statement.position]
            limits += [] if until is None else [until]
            limits += [] if before is None else [await work.facts.last(by=before)]
        here = await parts.here()
        return [part for part in here[:-1] if part.last <= min(limits)]

    async def _written(self, part: Part, tell: Tell) -> Sequence[ArchivedFile]:
        """Export a part unless it is there already, verify it, and return its files.

        Files may reach into the next part, of which then less is to be written.
        """
        async with self.begin(None) as work:
            cut = await work.archived.cut()
            known = await work.archived.files(after=Place(part.first - 1), until=min(cut, part.last))
        begun = await self.folder.files()
        await self.export(
            first=None if begun or not cut else Place(cut + 1),
            until=part.last,
            progress=lambda place, last: tell(f"Exporting {part.name}", place, last),
        )
        new = [one for one in await self.folder.files() if one.last > cut and one.first <= part.last]
        if cut < part.last and (not new or new[0].first > cut + 1 or new[-1].last < part.last):
            raise Conflict(
                f"The folder does not hold the log from position {cut + 1} on: name the folder of the archive, or a "
                "new one."
            )
        report = await self.verify(
            since=Place(part.first - 1),
            progress=lambda place: tell(f"Verifying {part.name}", min(place, part.last), part.last),
        )
        if not report.untouched:
            raise Conflict(f"{part.name} stays in the database. {report.findings[0].sentence}")
        return [*known, *(one for one in new if one not in known)]

    async def _take_out(self, parts: Parts, part: Part, files: Sequence[ArchivedFile], tell: Tell) -> None:
        tell(f"Taking out {part.name}", part.last, part.last)
        await self.folder.check(files)
        await parts.take_out(part)
