from collections.abc import Iterator, Sequence

import polars as pl

from adapters.archive.parquet import ParquetFiles
from adapters.codec.ids import packed, unpacked
from application.audit.proving.archive import ArchivedFile, ArchivedStream, Wanted
from application.shared.ports import Place


def between(
    files: Sequence[ArchivedFile], after: Place, until: Place
) -> Iterator[tuple[ArchivedFile, Place, Place]]:
    """Yield each file that holds some of these places, after which one it is read and up to which."""
    for file in files:
        if file.last > after and file.first <= until:
            here = Place(max(after, file.first - 1)), min(until, file.last)
            yield file, *here
            after = here[1]  # of files that overlap, the first is read


def conditions(wanted: Wanted) -> list[pl.Expr]:
    """Say of a row that it is such a fact."""
    found = [pl.col("position") > wanted.after, pl.col("position") <= wanted.until]
    if wanted.types:
        found.append(pl.col("type").is_in(list(wanted.types)))
    if wanted.users is not None:
        found.append(pl.col("user_id").is_in([packed(user) for user in wanted.users]))
    if wanted.streams is not None:
        found.append(pl.col("stream_id").is_in([packed(stream) for stream in wanted.streams]))
    if wanted.correlation is not None:
        found.append(pl.col("correlation_id") == pl.lit(packed(wanted.correlation)))
    if wanted.mentioning is not None:
        found.append(pl.col("payload").bin.contains(pl.lit(wanted.mentioning)))
    return found


def streams_of(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], wanted: Wanted, beyond: Place, limit: int | None
) -> list[ArchivedStream]:
    """Return the streams of such facts in the order of their first one, whose place is greater than `beyond`."""
    parts = [
        pl.scan_parquet(parquet.sound(file), glob=False)
        .filter(pl.col("position") > after, pl.col("position") <= until, *conditions(wanted))
        .select("position", "stream_id", "version", "type")
        for file, after, until in between(files, wanted.after, wanted.until)
    ]
    if not parts:
        return []
    streams = (
        pl.concat(parts)
        .group_by("stream_id")
        .agg(
            pl.len().alias("facts"),
            pl.col("position").min().alias("first"),
            pl.col("position").max().alias("last"),
            pl.col("type").sort_by("position").first(),
            pl.col("version").min(),
        )
        .filter(pl.col("first") > beyond)
        .sort("first")
    )
    rows = (streams if limit is None else streams.head(limit)).collect()
    return [
        ArchivedStream(
            stream=unpacked(stream),
            facts=facts,
            first=Place(first),
            last=Place(last),
            first_name=name,
            first_version=version,
        )
        for stream, facts, first, last, name, version in rows.iter_rows()
    ]
