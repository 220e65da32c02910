from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from hashlib import sha256
from struct import unpack
from typing import Final

from psycopg.adapt import Transformer
from psycopg.postgres import types
from psycopg.pq import Format
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from adapters.postgres.log.copied_rows import copied_rows
from application.audit.proving.stored_log import LeafRun
from application.shared.ports import Place

RUN: Final = 512
"""Leaves that are handed on at once."""

# What a leaf is hashed over, laid out as `adapters.codec.leaves` has it, is put together where the bytes lie: a row
# holds it for all facts of a run. Times count from 1970, which is 10957 days before PostgreSQL's beginning. Nothing is
# hashed by the server: that would be to take its word.
_COPY: Final = """
COPY (
    SELECT run.* FROM generate_series(
        %(after)s::bigint,
        least(%(until)s, (SELECT coalesce(max(position), 0) FROM events)) - 1,
        %(run)s::bigint
    ) AS runs(place), LATERAL (
        SELECT string_agg(int8send(position), ''), array_agg(
            '\\x00'::bytea
            || int4send(
                76 + octet_length(type) + CASE WHEN user_id IS NULL THEN 0 ELSE 16 END
                + CASE WHEN correlation_id IS NULL THEN 0 ELSE 16 END
                + coalesce(4 + octet_length(fingerprint), 0)
            )
            || '\\x00000010'::bytea || uuid_send(event_id) || '\\x00000010'::bytea || uuid_send(stream_id)
            || '\\x00000008'::bytea || int8send(version) || int4send(octet_length(type)) || textsend(type)
            || coalesce('\\x00000010'::bytea || uuid_send(user_id), '\\x00000000'::bytea)
            || coalesce('\\x00000010'::bytea || uuid_send(correlation_id), '\\x00000000'::bytea)
            || '\\x00000008'::bytea || timestamptz_send(recorded_at + interval '262968 hours')
            || coalesce(int4send(octet_length(fingerprint)) || fingerprint, ''::bytea)
            || payload
        )
        FROM (
            SELECT * FROM events
            WHERE position > runs.place AND position <= least(runs.place + %(run)s, %(until)s) ORDER BY position
        ) AS facts
    ) AS run
) TO STDOUT (FORMAT binary)
"""


async def copied_leaves(
    connection: AsyncConnection, *, after: Place, until: Place
) -> AsyncGenerator[LeafRun, None]:
    """Hash facts in the order of their places as fast as the server sends them; a new run begins after every gap."""
    driver = await driver_of(connection)
    contents = Transformer(driver).get_loader(types["bytea"].array_oid, Format.BINARY).load
    values = {"after": after, "until": until, "run": RUN}
    async with aclosing(copied_rows(driver, _COPY, values)) as rows:
        async for positions, laid_out in rows:
            if positions:
                places = unpack(f">{len(positions) // 8}q", positions)
                leaves = [sha256(content).digest() for content in contents(laid_out)]
                for run in _without_gaps(places, leaves):
                    yield run


def _without_gaps(places: Sequence[int], leaves: Sequence[bytes]) -> Iterator[LeafRun]:
    begin = 0
    if places[-1] - places[0] != len(places) - 1 or len(set(places)) != len(places):
        for index in range(1, len(places)):
            if places[index] != places[index - 1] + 1:
                yield LeafRun(Place(places[begin]), leaves[begin:index])
                begin = index
    yield LeafRun(Place(places[begin]), leaves[begin:])
