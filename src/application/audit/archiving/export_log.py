from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from application.audit.archiving.exports import Export, ExportFolder, ExportWork
from application.audit.proving.seals import NotSealed, SealNotFound, StoredSeal
from application.audit.proving.stored_log import BEGINNING, StoredCommit, StoredFact, StoredLog
from application.shared.ports import Begin, Place
from domain.shared.errors import Conflict, Invalid, NotFound

FACTS: Final = 12_288
"""Facts of a file, at most."""

BYTES: Final = 8 * 1024 * 1024
"""Bytes of what the facts of a file say, before they are compressed; a page more at most."""

COMMITS: Final = 100_000
PAGE: Final = 2_000
SEALS: Final = 1_000

Progress: TypeAlias = Callable[[Place, Place], None]
"""Told how far the facts are written, and how far they will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a folder holds after an export: facts between two places, and how many were written now."""

    path: str
    first: Place
    last: Place
    written: int
    seal: int


@dataclass(frozen=True, slots=True)
class ExportLog:
    """Write a sealed part of the log into a folder, so that it can be verified without the database.

    It holds whole commits, every commit's row up to the seal that covers the last of them, and the seals. What is
    there already is not written again, so an export that was interrupted goes on, and one that is older grows.
    """

    begin: Begin[ExportWork]
    folder: ExportFolder

    async def __call__(
        self, *, first: Place | None = None, until: Place | None = None, progress: Progress
    ) -> Exported:
        """Export from a place (by default from where the folder begins) up to another, or to what is sealed.

        Raises NotFound, NotSealed, Invalid, Conflict, ArchiveFault and Unavailable.
        """
        async with self.begin(None) as work:
            end = await _sealed_end(work, until)
            begin = None if first is None else (await commit_at(work.stored_log, first)).first
        if begin is not None and begin > end:
            raise Invalid(f"An export cannot begin at position {first} and end at {until}.")
        async with self.folder.writing(first=begin) as export:
            before = export.written.last
            end = max(end, before)
            seals = await self._seals(end)
            await self._add_commits(export, seals[-1].seal.statement.commit_count)
            await self._add_facts(export, end, progress)
            await export.complete(seals)
            done = export.written
        return Exported(
            path=self.folder.path,
            first=done.first,
            last=done.last,
            written=done.last - before,
            seal=seals[-1].seal.statement.number,
        )

    async def _seals(self, end: Place) -> Sequence[StoredSeal]:
        """Return every seal up to the first that covers a place."""
        found: list[StoredSeal] = []
        async with self.begin(None) as work:
            commit = await commit_at(work.stored_log, end)
            covering = await work.seals.covering(commit.number)
            if covering is None:
                raise NotSealed(end)
            last = covering.seal.statement.number
            while not found or found[-1].seal.statement.number < last:
                number = found[-1].seal.statement.number if found else 0
                page = await work.seals.after(number, limit=min(SEALS, last - number))
                if not page:
                    raise SealNotFound(number + 1)
                found += page
        return found

    async def _add_commits(self, export: Export, last: int) -> None:
        while (number := export.written.commits) < last:
            async with self.begin(None) as work:
                page = await work.log_rows.commits(after=number, until=last, limit=COMMITS)
            numbers = [number, *(one.commit.number for one in page)]
            if not page or any(other != one + 1 for one, other in pairwise(numbers)):
                raise _Incomplete(f"commit {number + 1}")
            await export.add_commits(page)

    async def _add_facts(self, export: Export, end: Place, progress: Progress) -> None:
        while (after := export.written.last) < end:
            progress(after, end)
            facts, size = list[StoredFact](), 0
            while len(facts) < FACTS and size < BYTES and after < end:
                async with self.begin(None) as work:
                    page = await work.log_rows.facts(
                        after=after, until=end, limit=min(PAGE, FACTS - len(facts))
                    )
                places = [after, *(one.place for one in page)]
                if not page or any(other != one + 1 for one, other in pairwise(places)):
                    raise _Incomplete(f"the event at position {after + 1}")
                facts += page
                size += sum(len(one.payload) for one in page)
                after = facts[-1].place
            async with self.begin(None) as work:
                commits = [
                    (await commit_at(work.stored_log, one.place)).number for one in (facts[0], facts[-1])
                ]
            await export.add_facts(facts, commits=(commits[0], commits[1]))
        progress(end, end)


class _Incomplete(Conflict):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"The log is not exported any further, for {what} or one close behind it is missing: "
            "`plimsoll audit verify` says more."
        )


async def commit_at(log: StoredLog, place: Place) -> StoredCommit:
    """Return the commit that holds a place, or raise NotFound."""
    commit = await log.commit_of(place)
    if commit is None or not commit.first <= place <= commit.last:
        raise NotFound(f"The log has no event at position {place}.")
    return commit


async def _sealed_end(work: ExportWork, until: Place | None) -> Place:
    """Return where the commit ends that an export goes up to."""
    newest = await work.seals.last()
    sealed = BEGINNING if newest is None else newest.seal.statement.position
    if newest is None or (until is not None and until > sealed):
        raise NotSealed(until or Place(1))
    return sealed if until is None else (await commit_at(work.stored_log, until)).last
