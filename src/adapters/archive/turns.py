from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from adapters.archive.parquet import ParquetFiles
from adapters.codec.ids import packed, unpacked
from application.audit.proving.archive import ArchivedFile
from application.shared.ports import Place
from domain.shared.ids import Id

SHARE: Final = 125_000
"""Facts whose streams are followed at once."""

STEP: Final = 25_000
"""Facts after which it is put down how far their streams have come."""

HEADS: Final = pl.Schema({"stream_id": pl.Binary(), "head": pl.Int64()})
"""How many facts each stream has."""


def out_of_turn(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], after: Place, until: Place
) -> Place | None:
    """Return the first place whose fact does not continue its stream, as far as the files tell.

    Where they do not begin at the log's beginning, the first fact of each stream is taken at its word.
    """
    held = [file for file in files if file.first <= until]
    if not held:
        return None
    shares = (min(until, held[-1].last) - held[0].first) // SHARE + 1
    found = (_out_of_turn(parquet, held, after, until, (shares, share)) for share in range(shares))
    return min((place for place in found if place is not None), default=None)


def _out_of_turn(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], after: Place, until: Place, share: tuple[int, int]
) -> Place | None:
    """Return the first such place of the streams of one share of so many: what is remembered of streams is bounded."""
    before = pl.lit(0) if files[0].first == 1 else pl.col("version").first().over("stream_id") - 1
    heads = pl.DataFrame(schema=HEADS)
    for turns in _turns_in(parquet, files, until, share):
        known = turns.join(heads, on="stream_id", how="left", maintain_order="left")
        due = pl.coalesce("head", before) + pl.int_range(1, pl.len() + 1).over("stream_id")
        wrong = known.filter(pl.col("version") != due, pl.col("position") > after)
        if wrong.height:
            return Place(wrong["position"][0])
        heads = with_heads_of(heads, turns)
    return None


def heads_of(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], streams: Sequence[Id], until: Place
) -> dict[Id, int]:
    """Return the newest version up to a place of those of the streams that have any in the files."""
    heads = pl.DataFrame(schema=HEADS)
    wanted = pl.LazyFrame({"stream_id": [packed(one) for one in streams]}, schema={"stream_id": pl.Binary()})
    for file in files:
        rows = pl.scan_parquet(parquet.sound(file), glob=False).filter(pl.col("position") <= until)
        heads = with_heads_of(
            heads, rows.select("stream_id", "version").join(wanted, on="stream_id", how="semi").collect()
        )
    return {unpacked(stream): head for stream, head in heads.iter_rows()}


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


def _turns_in(
    parquet: ParquetFiles, files: Sequence[ArchivedFile], until: Place, share: tuple[int, int]
) -> Iterator[pl.DataFrame]:
    """Yield position, stream and version of the facts of a share's streams, a step at a time."""
    shares, number = share
    chosen = pl.col("stream_id").hash() % shares == number
    parts, height = list[pl.DataFrame](), 0
    for file in files:
        rows = pl.scan_parquet(parquet.sound(file), glob=False).filter(pl.col("position") <= until, chosen)
        parts.append(rows.select("position", "stream_id", "version").collect())
        height += parts[-1].height
        if height >= STEP or file is files[-1]:
            yield pl.concat(parts)
            parts, height = [], 0


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
