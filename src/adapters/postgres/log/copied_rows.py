from collections.abc import AsyncGenerator, Mapping
from struct import Struct
from typing import Any, Final, LiteralString

import psycopg

_PREAMBLE: Final = len(b"PGCOPY\n\xff\r\n\x00") + 8
_COUNT: Final = Struct(">h").unpack_from
_LENGTH: Final = Struct(">i").unpack_from


async def copied_rows(
    driver: psycopg.AsyncConnection[Any], query: LiteralString, values: Mapping[str, object]
) -> AsyncGenerator[tuple[bytes, ...], None]:
    """Yield the rows of a binary COPY as the bytes of their columns, an absent value as empty ones.

    For few and large rows. Nothing else can be asked of the connection until the last row was taken or the iterator
    was closed, which takes the rest from the server unread.
    """
    async with driver.cursor() as cursor, cursor.copy(query, values) as copy:
        try:
            begin = _PREAMBLE
            while row := memoryview(await copy.read()):
                columns, offset = [], begin + 2
                for _ in range(_COUNT(row, begin)[0]):  # the trailer says -1
                    [length] = _LENGTH(row, offset)
                    offset += 4
                    columns.append(bytes(row[offset : offset + max(length, 0)]))
                    offset += max(length, 0)
                if columns:
                    yield tuple(columns)
                begin = 0
        except GeneratorExit:
            while await copy.read():  # psycopg would cancel the rest, and with it the transaction
                pass
            raise
