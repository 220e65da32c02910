import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import LogDatabase
from tests.integration.postgres.facts import IDS, ME, alert, sent

from adapters.codec.events import encode
from adapters.codec.leaves import Entry
from adapters.postgres.ids import adapters
from adapters.postgres.log.append import append
from adapters.postgres.urls import conninfo
from application.shared.correlation import correlation
from application.shared.ports import Place
from application.shared.requests import KeyReused
from domain.shared import merkle
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id, derived

KEY = IDS.new()


async def test_the_chain_of_commits_can_be_computed_again_from_what_is_stored(
    worker: LogDatabase, database: Database
) -> None:
    cause = correlation.set(IDS.new())
    for size in (1, 2, 3, 7):
        async with worker.begin(None) as work:
            for stream in (alert() for _ in range(size)):
                work.facts.append(stream, 0, [sent(stream), sent(stream)])
    correlation.reset(cause)
    assert verified(database) == [2, 4, 6, 14]


async def test_a_byte_that_was_changed_behind_our_back_breaks_the_chain(
    worker: LogDatabase, database: Database
) -> None:
    stream = alert()
    async with worker.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
    assert verified(database) == [1]
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        connection.execute("ALTER TABLE events DISABLE TRIGGER refuse_rewriting")
        connection.execute("UPDATE events SET recorded_at = recorded_at + interval '1 microsecond'")
    assert verified(database) == []


async def test_facts_carry_what_caused_them(worker: LogDatabase, database: Database) -> None:
    stream, cause = alert(), IDS.new()
    before = correlation.set(cause)
    async with worker.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)])
    correlation.reset(before)
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        assert connection.execute("SELECT correlation_id FROM events").fetchall() == [(cause,)]


async def test_the_same_request_is_written_once_and_answered_the_same(worker: LogDatabase) -> None:
    batch = [entry(alert()), entry(alert())]
    await write(worker, [entry(alert())])
    first = await write(worker, batch, key=KEY, fingerprint=b"the request")
    again = await write(worker, batch, key=KEY, fingerprint=b"the request")
    assert (first, again) == (2, 2)
    async with worker.begin(None) as work:
        assert await work.facts.last() == 3


async def test_the_same_request_at_the_same_time_is_written_once(worker: LogDatabase) -> None:
    batch = [entry(alert())]
    places = await asyncio.gather(
        *(write(worker, batch, key=KEY, fingerprint=b"the request") for _ in range(6))
    )
    assert places == [1] * 6


async def test_a_key_that_comes_with_another_request_is_refused(worker: LogDatabase) -> None:
    await write(worker, [entry(alert())], key=KEY, fingerprint=b"the request")
    with pytest.raises(KeyReused, match="used for another request"):
        await write(worker, [entry(alert())], key=KEY, fingerprint=b"another")
    async with worker.begin(None) as work:
        assert await work.facts.last() == 1


async def test_a_clock_that_goes_back_hides_nothing(worker: LogDatabase) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for hour in (12, 11, 13):
        await write(worker, [entry(alert(), at=noon.replace(hour=hour))])
    async with worker.begin(None) as work:
        assert await work.facts.last(by=noon.replace(hour=11)) == 0
        assert await work.facts.last(by=noon) == 2


async def test_thousands_of_facts_fit_in_one_commit(worker: LogDatabase, database: Database) -> None:
    async with worker.begin(None) as work:
        for stream in (alert() for _ in range(3000)):
            work.facts.append(stream, 0, [sent(stream)])
    async with worker.begin(None) as work:
        assert len(await work.facts.after(Place(0), limit=5000)) == 3000
    assert verified(database) == [3000]


async def test_no_append_reads_a_table_from_end_to_end_however_small_it_was_at_first(
    worker: LogDatabase, app: LogDatabase, database: Database
) -> None:
    stream = alert()
    for expected in range(12):  # plans that are to be kept are made by the sixth call at the latest
        async with app.begin(ME) as work:
            work.facts.append(stream, expected, [sent(stream)])
        await write(worker, [entry(alert()), entry(alert())], key=IDS.new(), fingerprint=b"the request")
        with pytest.raises(StaleWrite):
            await write(worker, [entry(stream)], key=IDS.new(), fingerprint=b"the request")
    await app.close()
    await worker.close()
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        counted = connection.execute(
            "SELECT relname, seq_scan, idx_scan > 0 FROM pg_stat_user_tables "
            "WHERE relname IN ('streams', 'append_keys', 'commits') ORDER BY relname"
        ).fetchall()
    assert counted == [("append_keys", 0, True), ("commits", 0, True), ("streams", 0, True)]


def entry(stream: Id, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Entry:
    name, payload = encode(sent(alert()))
    return Entry(
        event_id=derived(name, stream),
        stream_id=stream,
        version=1,
        type=name,
        user_id=ME,
        correlation_id=None,
        recorded_at=at,
        payload=payload,
    )


async def write(
    database: LogDatabase,
    entries: Sequence[Entry],
    *,
    key: Id | None = None,
    fingerprint: bytes | None = None,
) -> Place:
    async with database.begin(None) as work:
        return await append(await work.driver(), entries, key=key, fingerprint=fingerprint)


def verified(database: Database) -> list[int]:
    """Recompute leaves, roots and chain in Python; return the sizes of the commits that hold."""
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        stored = connection.execute(
            """SELECT event_id, stream_id, version, type, user_id, correlation_id, recorded_at, payload,
                fingerprint
            FROM events ORDER BY position"""
        ).fetchall()
        commits = connection.execute(
            "SELECT number, first_position, event_count, root, chain FROM commits ORDER BY number"
        ).fetchall()
    names = [field.name for field in fields(Entry)]  # in the order of the query
    leaves = [Entry(**dict(zip(names, row, strict=True))).leaf() for row in stored]
    held, before = [], bytes(32)
    for number, (stored_number, first, count, root, chain) in enumerate(commits, start=1):
        assert number == stored_number
        counted = b"".join(value.to_bytes(8, "big") for value in (number, first, count))
        before = hashlib.sha256(
            before + counted + merkle.root(leaves[first - 1 : first - 1 + count])
        ).digest()
        if (merkle.root(leaves[first - 1 : first - 1 + count]), before) == (root, chain):
            held.append(count)
    return held
