from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import Any, Final

from psycopg import AsyncConnection

from adapters.codec.leaves import Entry
from adapters.postgres.packed import texts

CHUNK: Final = 1_000
"""Facts that are packed and sent at once."""

_STAGE: Final = "SELECT stage_facts()"
_COPY: Final = "COPY pg_temp.incoming_facts FROM STDIN (FORMAT binary)"
_APPEND: Final = (
    "SELECT first_place, refusals FROM append_staged_facts(%b, %b::uuid, %b::uuid, %b::bytea, %b, %b)"
)
_PREAMBLE: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_ROW: Final = Struct("!hIqI16sI16sIqIi")
_NULL: Final = b"\xff\xff\xff\xff"
_SIXTEEN: Final = b"\x00\x00\x00\x10"


async def stage(driver: AsyncConnection[Any], entries: Sequence[Entry]) -> list[str]:
    """Copy the facts into a table of the session, in bounded memory, and return their types as they are numbered.

    The table is emptied at the end of the transaction. Only workers may do this.
    """
    kinds: dict[str, int] = {}
    await driver.execute(_STAGE)
    async with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        await copy.write(_PREAMBLE)
        rows = (_row(n, entry, kinds) for n, entry in enumerate(entries, start=1))
        for chunk in _chunks(rows):
            await copy.write(chunk)
        await copy.write(_TRAILER)
    return list(kinds)


async def conclude(
    driver: AsyncConnection[Any], types: Sequence[str], said: Sequence[object]
) -> tuple[int | None, Sequence[int | None] | None]:
    """Write what was staged as one commit: its first place, or why it was refused, as `append_facts` tells it.

    `said` is the correlation, the key, its fingerprint, the time and the Merkle root.
    """
    cursor = await driver.execute(_APPEND, [texts(types), *said], binary=True)
    [[first, refusals]] = await cursor.fetchall()
    return first, refusals


def _row(n: int, entry: Entry, kinds: dict[str, int]) -> bytes:
    kind = kinds.setdefault(entry.type, len(kinds) + 1)
    user = _NULL if entry.user_id is None else _SIXTEEN + entry.user_id.bytes
    reached = entry.fingerprint
    return b"%b%b%b%b%b" % (
        _ROW.pack(8, 8, n, 16, entry.event_id.bytes, 16, entry.stream_id.bytes, 8, entry.version, 4, kind),
        user,
        len(entry.payload).to_bytes(4, "big"),
        entry.payload,
        _NULL if reached is None else len(reached).to_bytes(4, "big") + reached,
    )


def _chunks(rows: Iterator[bytes]) -> Iterator[bytes]:
    while chunk := b"".join(islice(rows, CHUNK)):
        yield chunk
