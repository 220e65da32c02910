"""Puts a long history into the log's own tables, as its writer would have left it: `audit verify` must agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import cycle, islice
from random import Random
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from adapters.codec.events import encode
from adapters.codec.leaves import Entry
from adapters.postgres.urls import conninfo
from application.audit.proving.stored_log import StoredCommit
from application.shared.ports import Place
from benchmarks.log.history import Turn, history
from benchmarks.log.rows import COLUMNS, TYPES, row_of
from domain.shared import merkle
from domain.shared.ids import id_of

COMMITS: Final = (1, 2, 1, 4, 2, 16, 1, 8, 64, 500)
"""Facts of one commit after another: single ones, small reactions, and groups."""

_EVENTS: Final = f"COPY events {COLUMNS} FROM STDIN (FORMAT binary)"
_COMMITS: Final = """
COPY commits (number, first_position, event_count, recorded_at, root, chain) FROM STDIN (FORMAT binary)
"""
_COMMIT_TYPES: Final = ("int8", "int8", "int8", "timestamptz", "bytea", "bytea")
_STREAMS: Final = """
INSERT INTO streams (stream_id, version)
    SELECT stream_id, max(version) FROM events WHERE position > %s GROUP BY stream_id
ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version
"""


@dataclass(slots=True)
class _Chain:
    number: int = 0
    place: int = 0
    head: bytes = bytes(32)

    def next(self, entries: Sequence[Entry]) -> StoredCommit:
        root = merkle.root([entry.leaf() for entry in entries])
        self.number += 1
        first = Place(self.place + 1)
        made = StoredCommit(number=self.number, first=first, count=len(entries), root=root, chain=b"")
        self.head = sha256(self.head + made.content()).digest()
        self.place += len(entries)
        return StoredCommit(number=made.number, first=first, count=made.count, root=root, chain=self.head)


def load(admin_url: str, events: int) -> None:
    """Fill an empty log with so many facts, past its guard rails; the administrator may do that, and nobody else."""
    with psycopg.connect(conninfo(admin_url)) as connection:
        connection.execute("SELECT ensure_event_partitions(%s)", [events])
        connection.execute("SET session_replication_role = replica")
        turns, ids, chain = history(events), Random(11), _Chain()
        sizes = cycle(COMMITS)
        while batch := _commits(turns, sizes, ids):
            before = chain.place
            _copy(connection, batch, chain)
            connection.execute(_STREAMS, [before])
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) events, commits, streams")
        connection.execute("CHECKPOINT")


def _commits(
    turns: Iterator[Turn], sizes: Iterator[int], ids: Random, most: int = 50_000
) -> list[list[Entry]]:
    found: list[list[Entry]] = []
    left = most
    while left > 0 and (commit := list(islice(turns, next(sizes)))):
        at = max(turn.fact.at for turn in commit) + timedelta(milliseconds=3)
        found.append([_entry(turn, at, ids) for turn in commit])
        left -= len(commit)
    return found


def _entry(turn: Turn, at: datetime, ids: Random) -> Entry:
    name, payload = encode(turn.fact)
    return Entry(
        event_id=id_of(ids.getrandbits(128)),
        stream_id=turn.stream,
        version=turn.version,
        type=name,
        user_id=turn.user_id,
        correlation_id=None,
        recorded_at=at,
        payload=payload,
        fingerprint=None if turn.user_id is None else ids.randbytes(32),
    )


def _copy(connection: psycopg.Connection[TupleRow], batch: Sequence[Sequence[Entry]], chain: _Chain) -> None:
    commits = []
    with connection.cursor() as cursor, cursor.copy(_EVENTS) as copy:
        copy.set_types(TYPES)
        for entries in batch:
            commit = chain.next(entries)
            commits.append((commit, entries[0].recorded_at))
            for place, entry in enumerate(entries, start=commit.first):
                copy.write_row(row_of(place, entry))
    with connection.cursor() as cursor, cursor.copy(_COMMITS) as copy:
        copy.set_types(_COMMIT_TYPES)
        for commit, at in commits:
            copy.write_row((commit.number, commit.first, commit.count, at, commit.root, commit.chain))
