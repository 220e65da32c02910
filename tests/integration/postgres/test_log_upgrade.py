"""What was on record before the log was partitioned is on record after, and can go back."""

from datetime import UTC, datetime

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.postgres.facts import IDS, ME
from tests.integration.postgres.test_commits import verified

from adapters.codec.leaves import Entry
from adapters.postgres.ids import adapters
from adapters.postgres.log.append import append
from adapters.postgres.migrator import migrate, rollback
from adapters.postgres.revisions import history
from adapters.postgres.urls import conninfo
from domain.shared import merkle
from domain.shared.ids import Id

AT = datetime(2026, 1, 1, tzinfo=UTC)
STREAM, KEY = IDS.new(), IDS.new()
SINCE = len([script for script in history().walk_revisions() if script.revision > "0004"])
"""Revisions since the log was one table."""
OLD_APPEND = """
SELECT append_facts(
    %b::uuid[], %b::uuid[], %b::bigint[], %b::text[], %t::uuid[], %b::bytea[], NULL, %b, %b, %b::uuid, %b::bytea
)
"""


def entry(stream: Id, version: int, *, fingerprint: bytes | None = None) -> Entry:
    return Entry(
        event_id=IDS.new(),
        stream_id=stream,
        version=version,
        type="alert.sent.v1",
        user_id=ME,
        correlation_id=None,
        recorded_at=AT,
        payload=b"{}",
        fingerprint=fingerprint,
    )


@pytest.fixture
def before(empty_database: Database) -> Database:
    """A log of the revision before: two facts under a key, and one without."""
    migrate(empty_database.admin_url, "0004")
    with psycopg.connect(conninfo(empty_database.worker_url), context=adapters()) as connection:
        for entries, key in (([entry(STREAM, 1), entry(STREAM, 2)], KEY), ([entry(STREAM, 3)], None)):
            connection.execute(
                OLD_APPEND,
                [
                    [one.event_id for one in entries],
                    [one.stream_id for one in entries],
                    [one.version for one in entries],
                    [one.type for one in entries],
                    [one.user_id for one in entries],
                    [one.payload for one in entries],
                    AT,
                    merkle.root([one.leaf() for one in entries]),
                    key,
                    None if key is None else b"what was asked",
                ],
            )
            connection.commit()
    return empty_database


async def write(database: Database, one: Entry, *, key: Id | None = None) -> int:
    async with await psycopg.AsyncConnection.connect(
        conninfo(database.worker_url), context=adapters()
    ) as connection:
        return await append(
            connection, [one], key=key, fingerprint=None if key is None else b"what was asked"
        )


async def test_old_facts_their_keys_and_their_chain_are_kept_and_go_on(before: Database) -> None:
    migrate(before.admin_url)
    assert verified(before) == [2, 1]
    assert await write(before, entry(STREAM, 1), key=KEY) == 1
    assert await write(before, entry(STREAM, 4)) == 4
    assert verified(before) == [2, 1, 1]
    assert found(before, "SELECT owner_id FROM streams") == [(ME,)]
    assert found(before, "SELECT tableoid::regclass::text FROM events GROUP BY 1") == [("events_from_1",)]


async def test_going_back_keeps_the_facts_and_the_keys_of_whole_commits(before: Database) -> None:
    migrate(before.admin_url)
    await write(before, entry(STREAM, 4))
    rollback(before.admin_url, SINCE)
    assert found(before, "SELECT number, idempotency_key FROM commits ORDER BY number") == [
        (1, KEY), (2, None), (3, None)
    ]  # fmt: skip
    assert found(before, "SELECT position, version FROM events ORDER BY position") == [
        (place, place) for place in (1, 2, 3, 4)
    ]
    migrate(before.admin_url)
    assert verified(before) == [2, 1, 1]
    assert await write(before, entry(STREAM, 1), key=KEY) == 1


async def test_what_the_old_log_cannot_hold_does_not_go_back(before: Database) -> None:
    migrate(before.admin_url)
    await write(before, entry(STREAM, 4, fingerprint=bytes(32)))
    with pytest.raises(Exception, match="fingerprints of states, which the revision before cannot hold"):
        rollback(before.admin_url, SINCE)
    assert verified(before) == [2, 1, 1]


def found(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(database.admin_url), context=adapters()) as connection:
        return connection.execute(query.encode()).fetchall()
