"""The way into the log, for one caller or for a group of them in one commit.

Prepared entries (as of a benchmark) go in on one connection, in autocommit or as the last statement of a transaction:

    append_of = prepared(stream, expected, [(type, payload), ...], ids=SystemIds(), at=now, key=key)
    place_or_refusals = await append_group(connection, [append_of, ...])
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any, Final, TypeAlias

from psycopg import AsyncConnection

from adapters.codec.content import content_of
from adapters.codec.leaves import Entry, leaves
from adapters.postgres.log.append_parts import append_in_parts
from adapters.postgres.log.columns import columns
from adapters.postgres.log.packed import byteas, integers, uuids
from application.shared.ports import Ids, Place
from application.shared.requests import KeyReused
from domain.shared import merkle
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id

FIRST_PART: Final = 128
"""Facts from which on an append goes in part by part, and so many at first, while the server waits for them."""
PART: Final = 1024
"""Facts that are sent at once at most; each part is four times the one before."""

_APPEND: Final = """
SELECT first_place, refusals
FROM append_facts(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b::bytea)
"""


@dataclass(frozen=True, slots=True)
class Append:
    """What one caller appends, whole or not at all: one fact at least, each stream's in the order of its versions.

    With a key (and the fingerprint of what is asked) it is written once, however often it is sent; without one the same
    entries, known by their ids, still are.
    """

    entries: Sequence[Entry]
    key: Id | None = None
    fingerprint: bytes | None = None


class Refusal(Enum):
    """Why an append cannot be written; the numbers are those of `append_facts`."""

    STALE = 0
    KEY_REUSED = -1


Verdict: TypeAlias = Place | Refusal | None
"""Where a key's facts are on record already, why an append is refused, or None when nothing speaks against it."""


async def append_group(driver: AsyncConnection[Any], appends: Sequence[Append]) -> Place | Sequence[Verdict]:
    """Write all of them as one commit in one round trip and return the first fact's place, or write nothing.

    In that case there is a verdict on each append: leave out those that have one, and send the others again. The
    appends are of one time, their keys differ, and so do their streams. Nothing but the commit may follow.
    """
    entries = [entry for append in appends for entry in append.entries]
    arrays, types = columns(entries)
    hashes = leaves(entries)
    cursor = await driver.execute(
        _APPEND,
        [
            *arrays,
            integers([n for n, append in enumerate(appends, start=1) for _ in append.entries]),
            types,
            uuids([append.entries[0].correlation_id for append in appends]),
            uuids([append.key for append in appends]),
            byteas([append.fingerprint for append in appends]),
            entries[0].recorded_at,
            merkle.root(hashes),
            b"".join(hashes) if len(hashes) > 1 else None,
        ],
        prepare=True,
        binary=True,
    )
    [[first, refusals]] = await cursor.fetchall()
    return Place(first) if refusals is None else [_verdict(found) for found in refusals]


async def append(
    driver: AsyncConnection[Any],
    entries: Iterable[Entry],
    *,
    key: Id | None = None,
    fingerprint: bytes | None = None,
) -> Place:
    """Write one caller's facts as a commit and return the first one's place, or raise StaleWrite or KeyReused.

    The entries, one at least, are of one time and cause; many are taken one part after another while the server writes
    the one before. A key that was used for them before gives their first place again, whatever their streams have come
    to since; without a fingerprint it stands for the entries themselves.
    """
    coming = iter(entries)
    taken = list(islice(coming, FIRST_PART))
    if len(taken) == FIRST_PART:
        place = await append_in_parts(driver, _parts(taken, coming), key=key, fingerprint=fingerprint)
        if place is not None:
            return place
        taken += coming
    if key is not None and fingerprint is None:
        fingerprint = content_of(taken)
    written = await append_group(driver, [Append(taken, key, fingerprint)])
    if isinstance(written, int):
        return written
    [verdict] = written
    if isinstance(verdict, int):
        return verdict
    if verdict is Refusal.KEY_REUSED:
        raise KeyReused
    raise StaleWrite("This record")


def _parts(taken: list[Entry], coming: Iterator[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield what was taken and the rest part by part, and keep all of it in what was taken."""
    part: Sequence[Entry] = taken[:]
    while part:
        yield part
        part = list(islice(coming, min(4 * len(part), PART)))
        taken += part


def prepared(
    stream: Id,
    expected: int,
    facts: Sequence[tuple[str, bytes]],
    *,
    ids: Ids,
    at: datetime,
    key: Id | None,
) -> Append:
    """Return the append of facts that are encoded already, to a stream of which `expected` are on record."""
    entries = [
        Entry(
            event_id=ids.new(),
            stream_id=stream,
            version=version,
            type=name,
            user_id=None,
            correlation_id=None,
            recorded_at=at,
            payload=payload,
        )
        for version, (name, payload) in enumerate(facts, start=expected + 1)
    ]
    return Append(entries, key, None if key is None else content_of(entries))


def _verdict(found: int | None) -> Verdict:
    if found is None:
        return None
    return Place(found) if found > 0 else Refusal(found)
