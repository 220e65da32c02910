from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Final

from psycopg import AsyncCopy
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from application.audit.stored_log import LeafRun
from application.shared.ports import Place

RUN: Final = 2048
"""Leaves that are handed on at once."""

# COPY's binary rows hold what a leaf is hashed over as a leaf has it: each field behind its length in four bytes. Only
# absent ids have to be made empty, and the time to be counted from 1970 instead of 2000.
_COPY: Final = """
COPY (
    SELECT position, event_id, stream_id, version, type, coalesce(uuid_send(user_id), ''),
        coalesce(uuid_send(correlation_id), ''), recorded_at, payload
    FROM events WHERE position > %(after)s AND position <= %(until)s ORDER BY position
) TO STDOUT (FORMAT binary)
"""
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00"
_PREAMBLE: Final = len(_SIGNATURE) + 8
_TRAILER: Final = b"\xff\xff"
_FROM_1970_TO_2000: Final = 946_684_800_000_000
_HEADER: Final = 14
"""Where the header begins: after the number of fields, and the position with its length."""


async def copied_leaves(connection: AsyncConnection, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
    """Hash facts in the order of their places as fast as the server sends them; a new run begins after every gap."""
    driver = await driver_of(connection)
    async with driver.cursor() as cursor, cursor.copy(_COPY, {"after": after, "until": until}) as copy:
        first, held = int(after) + 1, list[bytes]()
        async for place, leaf in _leaves(copy):
            if place != first + len(held) or len(held) == RUN:
                if held:
                    yield LeafRun(Place(first), held)
                first, held = place, []
            held.append(leaf)
        if held:
            yield LeafRun(Place(first), held)


async def _leaves(copy: AsyncCopy) -> AsyncIterator[tuple[int, bytes]]:
    stored = moment = b""
    while row := bytes(await copy.read()):
        if row.startswith(_SIGNATURE):
            row = row[_PREAMBLE:]
        if row[:2] == _TRAILER:
            continue
        kind = int.from_bytes(row[66:70], "big")
        user = row[73 + kind]
        time = 82 + kind + user + row[77 + kind + user]
        if row[time : time + 8] != stored:
            stored = row[time : time + 8]
            moment = (int.from_bytes(stored, "big", signed=True) + _FROM_1970_TO_2000).to_bytes(
                8, "big", signed=True
            )
        length = (time + 8 - _HEADER).to_bytes(4, "big")
        leaf = sha256(b"\x00" + length + row[_HEADER:time] + moment + row[time + 12 :]).digest()
        yield int.from_bytes(row[6:14], "big", signed=True), leaf
