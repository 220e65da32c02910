"""One caller's many facts, part by part: the server writes one while it is hashed here and the next is packed."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.errors import CheckViolation, UniqueViolation

from adapters.codec.content import Content
from adapters.codec.leaves import Entry, leaves
from adapters.postgres.log.columns import columns
from application.shared.ports import Place
from domain.shared import merkle
from domain.shared.ids import Id

_PART: Final = "SELECT append_part(%b, %b, %b, %b, %b, %b, %b, %b, %b::uuid, %b::uuid, %b)"
_CONCLUDE: Final = "SELECT conclude_append(%b::bigint, %b::bytea, %b::bytea, %b::bytea)"


async def append_in_parts(
    driver: AsyncConnection[Any],
    parts: Iterable[Sequence[Entry]],
    *,
    key: Id | None,
    fingerprint: bytes | None,
) -> Place | None:
    """Write them as one commit and return the first one's place, or write nothing: None if anything speaks against it.

    A key whose fingerprint is not given stands for these very facts. Nothing but the commit may follow.
    """
    hashes, content = list[bytes](), Content()
    try:
        async with driver.pipeline(), driver.transaction():
            for part in parts:
                await driver.execute(_PART, _packed(part, key), prepare=True, binary=True)
                hashes += leaves(part)
                if key is not None and fingerprint is None:
                    content.add(part)
                await _flushed(driver)
            asked = (fingerprint or content.digest()) if key is not None else None
            covered = [len(hashes), merkle.root(hashes), b"".join(hashes) if len(hashes) > 1 else None]
            cursor = await driver.execute(_CONCLUDE, [*covered, asked], prepare=True, binary=True)
            await _flushed(driver)
        [[first]] = await cursor.fetchall()
    except (CheckViolation, UniqueViolation):  # a part was not written, or a stream of it is not new
        return None
    return Place(first)


def _packed(part: Sequence[Entry], key: Id | None) -> Sequence[object]:
    arrays, types = columns(part)
    return [*arrays, types, part[0].correlation_id, key, part[0].recorded_at]


async def _flushed(driver: AsyncConnection[Any]) -> None:
    """Wait until all that was asked is on its way: psycopg may wait for an answer to what it holds back itself.

    Whoever is cancelled here leaves half a message behind, so that the connection is closed.
    """
    loop = asyncio.get_running_loop()
    while driver.pgconn.flush():
        writable, socket = asyncio.Event(), driver.fileno()
        loop.add_writer(socket, writable.set)
        try:
            await writable.wait()
        except asyncio.CancelledError:
            loop.remove_writer(socket)
            await driver.close()
            raise
        loop.remove_writer(socket)
