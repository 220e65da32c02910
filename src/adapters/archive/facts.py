import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from adapters.archive.columns import FACTS, facts_in
from adapters.archive.parquet import ParquetFiles, altered
from application.audit.archive import ArchivedFile, Wanted
from application.audit.stored_log import LeafOf, LeafRun, StoredFact
from application.shared.ports import Place

RUN: Final = 2048
"""Leaves that are handed on at once."""


@dataclass(frozen=True, slots=True)
class ParquetFacts:
    """Facts in the Parquet files of a folder.

    A page by place decodes a row group or two; a stream or a user is looked for in every row of the files: about a
    hundredth of a second for a million facts, and the first reading of each file hashes it.
    """

    parquet: ParquetFiles
    leaf_of: LeafOf

    async def facts(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, limit: int | None = None
    ) -> Sequence[StoredFact]:
        """Return facts in the order of their places; raises ArchiveFault."""
        found: list[StoredFact] = []
        for file in _between(files, wanted.after, wanted.until):
            rest = None if limit is None else limit - len(found)
            if rest == 0:
                break
            found += await asyncio.to_thread(self._chosen, file, wanted, rest)
        return found

    async def leaves(
        self, files: Sequence[ArchivedFile], *, after: Place, until: Place
    ) -> AsyncIterator[LeafRun]:
        """Hash facts in the order in which they stand; raises ArchiveFault after a file that is not as on record."""
        for file in _between(files, after, until):
            loaded = await asyncio.to_thread(self.parquet.load, file, FACTS)
            begin = max(0, after + 1 - file.first)
            end = loaded.frame.height if until >= file.last else until + 1 - file.first
            for offset in range(begin, end, RUN):
                part = loaded.frame.slice(offset, min(RUN, end - offset))
                try:
                    runs = await asyncio.to_thread(self._hashed, part)
                except (
                    ValueError,
                    TypeError,
                    OverflowError,
                ) as error:  # no column of ours holds such a thing
                    raise altered(file, unreadable=Place(file.first + offset)) from error
                for run in runs:
                    yield run
            if loaded.fault is not None and until >= file.last:
                raise loaded.fault

    def _chosen(self, file: ArchivedFile, wanted: Wanted, limit: int | None) -> list[StoredFact]:
        rows = pl.scan_parquet(self.parquet.sound(file), glob=False).filter(*_conditions(wanted))
        return list(facts_in((rows if limit is None else rows.head(limit)).collect()))

    def _hashed(self, part: pl.DataFrame) -> list[LeafRun]:
        facts = list(facts_in(part))
        ends = [
            index for index, (one, other) in enumerate(pairwise(facts), 1) if other.place != one.place + 1
        ]
        return [
            LeafRun(facts[begin].place, [self.leaf_of(fact) for fact in facts[begin:end]])
            for begin, end in pairwise([0, *ends, len(facts)])
        ]


def _between(files: Sequence[ArchivedFile], after: Place, until: Place) -> list[ArchivedFile]:
    return [file for file in files if file.last > after and file.first <= until]


def _conditions(wanted: Wanted) -> list[pl.Expr]:
    conditions = [pl.col("position") > wanted.after, pl.col("position") <= wanted.until]
    if wanted.types:
        conditions.append(pl.col("type").is_in(list(wanted.types)))
    if wanted.user is not None:
        conditions.append(pl.col("user_id") == pl.lit(wanted.user.bytes))
    if wanted.stream is not None:
        conditions.append(pl.col("stream_id") == pl.lit(wanted.stream.bytes))
    return conditions
