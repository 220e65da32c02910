import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from adapters.archive.columns import FACTS, facts_in
from adapters.archive.leaves import RUN, leaf_runs
from adapters.archive.parquet import ParquetFiles, altered
from adapters.archive.search import between, conditions, streams_of
from adapters.archive.turns import heads_of, out_of_turn, times_of
from application.audit.proving.archive import ArchivedFile, ArchivedStream, ArchiveFault, Wanted
from application.audit.proving.stored_log import LeafRun, StoredFact
from application.shared.ports import Place
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class ParquetFacts:
    """Facts in the Parquet files of a folder.

    A page by place decodes a row group or two; a stream or a user is looked for in every row of the files: about a
    hundredth of a second for a million facts, and the first reading of each file hashes it.
    """

    parquet: ParquetFiles

    async def facts(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, limit: int | None = None
    ) -> Sequence[StoredFact]:
        """Return facts in the order of their places; raises ArchiveFault."""
        found: list[StoredFact] = []
        parts = list(between(files, wanted.after, wanted.until))
        for file, after, until in reversed(parts) if wanted.newest_first else parts:
            rest = None if limit is None else limit - len(found)
            if rest == 0:
                break
            part = replace(wanted, after=after, until=until)
            found += await asyncio.to_thread(self._chosen, file, part, rest)
        return found

    async def streams(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, beyond: Place, limit: int | None
    ) -> Sequence[ArchivedStream]:
        """Return the streams of such facts in the order of their first one, whose place is greater than `beyond`."""
        return await asyncio.to_thread(streams_of, self.parquet, files, wanted, beyond, limit)

    async def leaves(
        self, files: Sequence[ArchivedFile], *, after: Place, until: Place
    ) -> AsyncIterator[LeafRun]:
        """Hash facts in the order in which they stand; raises ArchiveFault where one cannot be read.

        Where a file is not as on record but can be read, it is raised at the end: a commit that reaches into the next
        file then tells more.
        """
        fault: ArchiveFault | None = None
        for file, before, until_here in between(files, after, until):
            loaded = await asyncio.to_thread(self.parquet.load, file, FACTS)
            begin = before + 1 - file.first
            wanted = until_here + 1 - file.first
            end = loaded.frame.height if until_here == file.last else min(wanted, loaded.frame.height)
            for offset in range(begin, end, RUN):
                part = loaded.frame.slice(offset, min(RUN, end - offset))
                try:
                    runs = await asyncio.to_thread(leaf_runs, part)
                except (ValueError, TypeError, OverflowError) as error:  # none of ours
                    raise altered(file, unreadable=Place(file.first + offset)) from error
                for run in runs:
                    yield run
            if loaded.fault is not None and end < wanted:
                raise loaded.fault
            if until_here == file.last:
                fault = fault or loaded.fault
        if fault is not None:
            raise fault

    async def out_of_turn(self, files: Sequence[ArchivedFile], *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream, as far as the files tell."""
        return await asyncio.to_thread(out_of_turn, self.parquet, files, after, until)

    async def heads(
        self, files: Sequence[ArchivedFile], streams: Sequence[Id], *, until: Place
    ) -> Mapping[Id, int]:
        """Return the newest version up to a place of those of the streams that have any in the files."""
        return await asyncio.to_thread(heads_of, self.parquet, files, streams, until)

    async def times(self, files: Sequence[ArchivedFile], places: Sequence[Place]) -> Mapping[Place, datetime]:
        """Return when the facts at these places, in order, were recorded."""
        return await asyncio.to_thread(times_of, self.parquet, files, places)

    def _chosen(self, file: ArchivedFile, wanted: Wanted, limit: int | None) -> list[StoredFact]:
        rows = pl.scan_parquet(self.parquet.sound(file), glob=False).filter(*conditions(wanted))
        if limit is not None:
            rows = rows.tail(limit) if wanted.newest_first else rows.head(limit)
        found = rows.collect()
        return list(facts_in(found.reverse() if wanted.newest_first else found))
