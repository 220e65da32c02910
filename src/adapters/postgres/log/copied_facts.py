import gc
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from operator import itemgetter
from struct import Struct, unpack
from typing import Any, Final, cast

import msgspec

from adapters.codec.located import decode_all_at, decode_at
from adapters.codec.personal import PERSONAL, Keyless, open_personal
from adapters.codec.sealing import PREFIX
from adapters.postgres.driver import driver_of
from adapters.postgres.log.collector import collector_resting
from adapters.postgres.log.copied_rows import copied_rows
from adapters.postgres.log.segment_keys import SegmentKeys, keys_between
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id

RUN: Final = 1024
"""Places that are handed on at once: what is made of them still fits into a processor's cache."""
FEWEST: Final = 32
"""Places of the first run, and of every run of very large facts."""
LARGEST: Final = 2**21
"""Bytes of a run's payloads, about: where facts are large, the next runs have fewer places."""
SEGMENT: Final = 32
"""Runs that one COPY takes; between two of them come the keys that the next one needs."""

# A row holds all facts of one type in a run, each of their columns in one value, for what takes the time is whatever is
# done for each fact. Numbers come one behind the other, ids with commas between them, fingerprints as the elements of a
# MessagePack array, and the lengths of payloads as the format that `struct` cuts them out by.
_COPY: Final = """
COPY (
    SELECT runs.place, of_type.*
    FROM generate_series(%(after)s::bigint, %(until)s::bigint - 1, %(run)s::bigint) AS runs(place), LATERAL (
        SELECT type,
            string_agg(int8send(position), ''),
            string_agg(stream_id::text, ','),
            string_agg(int8send(version), ''),
            string_agg(coalesce(user_id::text, ''), ','),
            string_agg(timestamptz_send(recorded_at), ''),
            string_agg(coalesce('\\xc420'::bytea || fingerprint, '\\xc0'::bytea), ''),
            string_agg(payload, ''),
            string_agg(length(payload) || 's', '')
        FROM events
        WHERE position > runs.place AND position <= least(runs.place + %(run)s, %(until)s)
        GROUP BY type
    ) AS of_type
) TO STDOUT (FORMAT binary)
"""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SEALED: Final = PREFIX.encode()
_PLACE: Final = itemgetter(0)
_record: Final = partial(tuple.__new__, Recorded)  # what `Recorded._make` does, without a call of Python
_hashes_or_none: Final = msgspec.msgpack.Decoder(list[bytes | None]).decode


async def copied_facts(
    subjects: PostgresSubjectKeys, *, after: Place, until: Place
) -> AsyncGenerator[Sequence[Recorded], None]:
    """Read facts in the order of the log as fast as they can be decoded, in bounded memory, a run at a time.

    Nothing else can be asked of the transaction before the last run was taken or the iterator was closed.
    """
    place, size, span = after, FEWEST, FEWEST
    with collector_resting():
        while place < until:
            end = Place(min(until, place + span))
            reading = _Reading(await keys_between(subjects, after=place, until=end))
            async with aclosing(_segment(subjects, reading, place, end, size)) as runs:
                async for run in runs:
                    yield run
            size = max(FEWEST, min(RUN, LARGEST * (end - place) // max(reading.taken, 1)))
            place, span = end, SEGMENT * size
            gc.collect(1)


async def _segment(
    subjects: PostgresSubjectKeys, reading: "_Reading", after: Place, until: Place, size: int
) -> AsyncGenerator[Sequence[Recorded], None]:
    driver = await driver_of(subjects.connection)
    values = {"after": after, "until": until, "run": size}
    begun, run = int(after), list[Recorded]()
    async with aclosing(copied_rows(driver, _COPY, values)) as rows:
        async for row in rows:
            place = int.from_bytes(row[0], "big")
            if place != begun and run:
                yield _in_order(run)
                run = []
            begun = place
            run += reading.facts(row)
    if run:
        yield _in_order(run)


class _Moments(dict[int, datetime]):
    """Times by PostgreSQL's count of microseconds since 2000: the facts of a commit share one."""

    def __missing__(self, counted: int) -> datetime:
        self[counted] = moment = _EPOCH + timedelta(microseconds=counted)
        return moment


@dataclass(slots=True)
class _Reading:
    """Makes facts of rows of the query; `taken` are the bytes of their payloads."""

    keys: SegmentKeys
    taken: int = 0
    moments: _Moments = field(default_factory=_Moments)

    def facts(self, columns: Sequence[bytes]) -> Sequence[Recorded]:
        """Return the facts of one type in a run."""
        _, stored_name, positions, streams, versions, users, times, fingerprints, payloads, cuts = columns
        self.taken += len(payloads)
        count = len(positions) // 8
        numbers = f">{count}q"
        name = stored_name.decode()
        places = unpack(numbers, positions)
        owners = _owners(users)
        stored = Struct(cuts.decode()).unpack(payloads)
        columns_of_all: tuple[Iterable[Any], ...] = (
            places,
            streams.decode().split(","),
            unpack(numbers, versions),
            repeat(name, count),
            owners,
            self._told(name, payloads, stored, owners, places),
            stored,
            map(self.moments.__getitem__, unpack(numbers, times)),
            _hashes_or_none(b"\xdd" + count.to_bytes(4, "big") + fingerprints),
        )
        return list(map(_record, zip(*columns_of_all, strict=True)))

    def _told(
        self,
        name: str,
        payloads: bytes,
        stored: Sequence[bytes],
        owners: Sequence[Id | None],
        places: Sequence[int],
    ) -> Sequence[object]:
        if name not in PERSONAL or self._in_the_clear(payloads, owners):
            return decode_all_at(name, stored, places)
        return [
            decode_at(
                name,
                payload
                if owner is None
                else open_personal(name, payload, user_id=owner, place=place, subject=self.keys[owner]),
                place,
            )
            for payload, owner, place in zip(stored, owners, places, strict=True)
        ]

    def _in_the_clear(self, payloads: bytes, owners: Sequence[Id | None]) -> bool:
        if _SEALED in payloads:
            return False
        return not self.keys or all(
            owner is None or self.keys[owner] is Keyless.NEVER_MADE for owner in owners
        )


def _owners(users: bytes) -> Sequence[Id | None]:
    ids = cast("list[Id | None]", users.decode().split(","))
    return [user or None for user in ids] if "" in ids else ids


def _in_order(run: list[Recorded]) -> Sequence[Recorded]:
    run.sort(key=_PLACE)  # a merge of what is in order for each type
    return run
