from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import polars as pl

from adapters.codec.ids import packed, unpacked
from application.audit.archiving.exports import DatedCommit
from application.audit.proving.stored_log import StoredCommit, StoredFact
from application.shared.ports import Place

_MOMENT: Final = pl.Datetime("us", "UTC")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

FACTS: Final = pl.Schema(
    {
        "position": pl.Int64(),
        "event_id": pl.Binary(),
        "stream_id": pl.Binary(),
        "version": pl.Int64(),
        "type": pl.String(),
        "user_id": pl.Binary(),
        "correlation_id": pl.Binary(),
        "recorded_at": _MOMENT,
        "payload": pl.Binary(),
        "fingerprint": pl.Binary(),
    }
)
"""The columns of `events`: ids are their sixteen bytes, times count microseconds since 1970 in UTC."""

COMMITS: Final = pl.Schema(
    {
        "number": pl.Int64(),
        "first_position": pl.Int64(),
        "event_count": pl.Int64(),
        "recorded_at": _MOMENT,
        "root": pl.Binary(),
        "chain": pl.Binary(),
    }
)
"""The columns of `commits`."""


def frame_of_facts(facts: Sequence[StoredFact]) -> pl.DataFrame:
    """Lay facts out in columns."""
    columns = {
        "position": [fact.place for fact in facts],
        "event_id": [packed(fact.event_id) for fact in facts],
        "stream_id": [packed(fact.stream) for fact in facts],
        "version": [fact.version for fact in facts],
        "type": [fact.type for fact in facts],
        "user_id": [fact.user_id and packed(fact.user_id) for fact in facts],
        "correlation_id": [fact.correlation_id and packed(fact.correlation_id) for fact in facts],
        "recorded_at": [_microseconds(fact.recorded_at) for fact in facts],
        "payload": [fact.payload for fact in facts],
        "fingerprint": [fact.fingerprint for fact in facts],
    }
    return pl.DataFrame(columns, schema=FACTS)


def facts_in(frame: pl.DataFrame) -> Iterator[StoredFact]:
    """Yield the facts of a frame in its order."""
    for place, event, stream, version, kind, user, cause, at, payload, fingerprint in _counted(
        frame
    ).iter_rows():
        yield StoredFact(
            place=Place(place),
            event_id=unpacked(event),
            stream=unpacked(stream),
            version=version,
            type=kind,
            user_id=user and unpacked(user),
            correlation_id=cause and unpacked(cause),
            recorded_at=_moment(at),
            payload=payload,
            fingerprint=fingerprint,
        )


def frame_of_commits(commits: Sequence[DatedCommit]) -> pl.DataFrame:
    """Lay commits out in columns."""
    columns = {
        "number": [one.commit.number for one in commits],
        "first_position": [one.commit.first for one in commits],
        "event_count": [one.commit.count for one in commits],
        "recorded_at": [_microseconds(one.recorded_at) for one in commits],
        "root": [one.commit.root for one in commits],
        "chain": [one.commit.chain for one in commits],
    }
    return pl.DataFrame(columns, schema=COMMITS)


def commits_in(frame: pl.DataFrame) -> Iterator[StoredCommit]:
    """Yield the commits of a frame in its order."""
    for number, first, count, _, root, chain in _counted(frame).iter_rows():
        yield StoredCommit(number=number, first=Place(first), count=count, root=root, chain=chain)


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    # Making a datetime with its zone of every row would cost more than everything else.
    return frame.with_columns(pl.col("recorded_at").cast(pl.Int64))


@lru_cache(maxsize=64)
def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=64)
def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
