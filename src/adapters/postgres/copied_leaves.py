from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import driver_of
from application.audit.stored_log import LeafRun
from application.shared.ports import Place

RUN: Final = 2048
"""Leaves that are handed on at once."""

# COPY's binary rows hold what a leaf is hashed over as a leaf has it: each field behind its length in four bytes. Only
# absent ids have to be made empty, an absent fingerprint left out, and the time counted from 1970 instead of 2000.
_COPY: Final = """
COPY (
    SELECT position, event_id, stream_id, version, type, coalesce(uuid_send(user_id), ''),
        coalesce(uuid_send(correlation_id), ''), recorded_at, fingerprint, payload
    FROM events WHERE position > %(after)s AND position <= %(until)s ORDER BY position
) TO STDOUT (FORMAT binary)
"""
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00"
_PREAMBLE: Final = len(_SIGNATURE) + 8
_TRAILER: Final = b"\xff\xff"
_FROM_1970_TO_2000: Final = 946_684_800_000_000
_ABSENT: Final = b"\xff\xff\xff\xff"
_HEADER: Final = 14
"""Where the header begins: after the number of fields, and the position with its length."""


async def copied_leaves(connection: AsyncConnection, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
    """Hash facts in the order of their places as fast as the server sends them; a new run begins after every gap."""
    driver = await driver_of(connection)
    async with driver.cursor() as cursor, cursor.copy(_COPY, {"after": after, "until": until}) as copy:
        first, held, moments = int(after) + 1, list[bytes](), _Moments()
        while row := bytes(await copy.read()):
            if row.startswith(_SIGNATURE):
                row = row[_PREAMBLE:]
            while row and row[:2] != _TRAILER:
                place = int.from_bytes(row[6:14], "big", signed=True)
                if place != first + len(held) or len(held) == RUN:
                    if held:
                        yield LeafRun(Place(first), held)
                    first, held = place, []
                held.append(_leaf(row, moments))
                _, arrived = driver.pgconn.get_copy_data(1)  # what is here already need not be waited for
                row = bytes(arrived)
        if held:
            yield LeafRun(Place(first), held)


@dataclass(slots=True)
class _Moments:
    """The last time of a row, counted as PostgreSQL does and as leaves do: the facts of a commit share it."""

    stored: bytes = b""
    counted: bytes = b""

    def of(self, stored: bytes) -> bytes:
        if stored != self.stored:
            since = int.from_bytes(stored, "big", signed=True) + _FROM_1970_TO_2000
            self.stored, self.counted = stored, since.to_bytes(8, "big", signed=True)
        return self.counted


def _leaf(row: bytes, moments: _Moments) -> bytes:
    kind = int.from_bytes(row[66:70], "big")
    user = row[73 + kind]
    time = 82 + kind + user + row[77 + kind + user]
    moment = moments.of(row[time : time + 8])
    if row[time + 8 : time + 12] == _ABSENT:
        length = (time + 8 - _HEADER).to_bytes(4, "big")
        return sha256(b"\x00" + length + row[_HEADER:time] + moment + row[time + 16 :]).digest()
    end = time + 12 + row[time + 11]
    length = (end - _HEADER).to_bytes(4, "big")
    return sha256(
        b"\x00" + length + row[_HEADER:time] + moment + row[time + 8 : end] + row[end + 4 :]
    ).digest()
