from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from adapters.archive.parquet import ParquetFiles
from application.audit.proving.archive import ArchivedFile
from application.shared.ports import Place

HEADS: Final = pl.Schema({"stream_id": pl.Binary(), "head": pl.Int64()})
"""How many facts each stream has."""


def out_of_turn(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], after: Place, until: Place
) -> Place | None:
    """Return the first place whose fact does not continue its stream, as far as the files tell.

    Where they do not begin at the log's beginning, the first fact of each stream is taken at its word.
    """
    begun, heads = bool(files) and files[0].first == 1, pl.DataFrame(schema=HEADS)
    for file in files:
        if file.first > until:
            break
        turns = turns_in(parquet, file, until).join(heads, on="stream_id", how="left", maintain_order="left")
        before = pl.lit(0) if begun else pl.col("version").first().over("stream_id") - 1
        due = pl.coalesce("head", before) + pl.int_range(1, pl.len() + 1).over("stream_id")
        wrong = turns.filter(pl.col("version") != due, pl.col("position") > after)
        if wrong.height:
            return Place(wrong["position"][0])
        heads = with_heads_of(heads, turns)
    return None


def heads_of(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], streams: Sequence[UUID], until: Place
) -> dict[UUID, int]:
    """Return the newest version up to a place of those of the streams that have any in the files."""
    heads = pl.DataFrame(schema=HEADS)
    wanted = pl.LazyFrame({"stream_id": [one.bytes for one in streams]}, schema={"stream_id": pl.Binary()})
    for file in files:
        rows = pl.scan_parquet(parquet.sound(file), glob=False).filter(pl.col("position") <= until)
        heads = with_heads_of(
            heads, rows.select("stream_id", "version").join(wanted, on="stream_id", how="semi").collect()
        )
    return {UUID(bytes=stream): head for stream, head in heads.iter_rows()}


def times_of(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], places: Sequence[Place]
) -> dict[Place, datetime]:
    """Return when the facts at these places were recorded."""
    found: dict[Place, datetime] = {}
    wanted = pl.LazyFrame({"position": places}, schema={"position": pl.Int64()})
    for file in files:
        facts = pl.scan_parquet(parquet.sound(file), glob=False).select("position", "recorded_at")
        facts = facts.filter(pl.col("position").is_between(places[0], places[-1]))
        rows = facts.join(wanted, on="position", how="semi").collect()
        moments = rows["recorded_at"].dt.convert_time_zone("UTC").to_list()
        found.update(zip(rows["position"].to_list(), moments, strict=True))
    return found


def turns_in(parquet: ParquetFiles, file: ArchivedFile, until: Place) -> pl.DataFrame:
    """Return position, stream and version of a file's facts."""
    rows = pl.scan_parquet(parquet.sound(file), glob=False)
    return rows.filter(pl.col("position") <= until).select("position", "stream_id", "version").collect()


def with_heads_of(heads: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """Return the heads as these facts, which come later, leave them."""
    later = turns.group_by("stream_id").agg(pl.col("version").max().alias("head"))
    return pl.concat([heads.join(later, on="stream_id", how="anti"), later])


def misdated(
    parquet: ParquetFiles,
    files: Sequence[ArchivedFile],
    commits: Sequence[ArchivedFile],
    after: int,
    until: int,
) -> int | None:
    """Return the first commit whose time is neither that of its facts nor, were that earlier, its predecessor's.

    Commits whose facts are not in the files are taken at their word.
    """
    before = pl.lit(None, pl.Datetime("us", "UTC"))
    for file in commits:
        rows = pl.scan_parquet(parquet.sound(file), glob=False).select(
            "number", pl.col("first_position").alias("position"), pl.col("recorded_at").alias("said")
        )
        dated = rows.with_columns(pl.coalesce(pl.col("said").shift(1), before).alias("before")).collect()
        number = wrongly_dated(parquet, files, dated.filter(pl.col("number").is_between(after + 1, until)))
        if number is not None:
            return number
        before = pl.lit(dated["said"][-1], pl.Datetime("us", "UTC"))
    return None


def wrongly_dated(parquet: ParquetFiles, files: Sequence[ArchivedFile], dated: pl.DataFrame) -> int | None:
    """Return the first of these commits (number, position, said, before) whose first fact says another time."""
    if not dated.height:
        return None
    first, last = dated["position"][0], dated["position"][-1]
    for file in files:
        if file.last < first or file.first > last:
            continue
        facts = pl.scan_parquet(parquet.sound(file), glob=False).select("position", "recorded_at")
        joined = facts.join(dated.lazy(), on="position", how="inner")
        due = pl.max_horizontal("recorded_at", "before")
        wrong = joined.filter(pl.col("said") != due).select(pl.col("number").min()).collect()
        if wrong["number"][0] is not None:
            return int(wrong["number"][0])
    return None
