import hashlib

import psycopg
import pytest
from psycopg.rows import TupleRow
from tests.integration.audit.ledger import Ledger, ring
from tests.integration.postgres.facts import alert, sent

from application.audit.proving.finding import Finding, FindingKind
from application.audit.proving.seal_log import LogAltered
from application.audit.proving.stored_log import StoredCommit
from application.shared.ports import Place
from domain.shared.errors import Conflict, Invalid

ONE_BYTE = "UPDATE events SET payload = set_byte(payload, 3, get_byte(payload, 3) # 1) WHERE position = 8"


@pytest.fixture
async def written(ledger: Ledger) -> Ledger:
    """Facts at positions 1 to 19: one a commit up to 5, then commits of 4, 1, 6, 1, 1 and 1."""
    await ledger.write(1, 1, 1, 1, 1, 4)
    await ledger.seal()
    await ledger.write(1, 6, 1, 1, 1)
    return ledger


async def found_in(ledger: Ledger) -> Finding:
    report = await ledger.verify()
    assert not report.untouched
    return report.findings[0]


async def test_an_untouched_log_is_found_untouched(written: Ledger) -> None:
    report = await written.verify()
    assert report.untouched
    assert (report.facts, report.commits, report.until) == (19, 11, 19)
    assert (report.seals, report.sealed_until) == (1, 9)


async def test_an_empty_log_is_untouched(ledger: Ledger) -> None:
    report = await ledger.verify()
    assert report.untouched
    assert (report.facts, report.until) == (0, 0)


async def test_one_byte_of_one_payload(written: Ledger) -> None:
    written.tamper(
        "UPDATE events SET payload = set_byte(payload, 3, get_byte(payload, 3) # 1) WHERE position = 3"
    )
    report = await written.verify()
    [finding] = report.findings
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 3)
    assert "position 3 was altered" in finding.sentence
    assert (report.facts, report.commits) == (2, 2)


async def test_one_byte_of_one_payload_among_several_of_a_commit(written: Ledger) -> None:
    written.tamper(ONE_BYTE)
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 8)
    assert "position 8 was altered" in finding.sentence


@pytest.mark.parametrize("leaves", ["NULL", "set_byte(leaves, 70, get_byte(leaves, 70) # 1)"])
async def test_one_byte_of_one_payload_where_no_leaves_tell_which(written: Ledger, leaves: str) -> None:
    written.tamper(ONE_BYTE, f"UPDATE commits SET leaves = {leaves} WHERE number = 6")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 6)
    assert "from position 6 to 9 (commit 6)" in finding.sentence


@pytest.mark.parametrize(
    "change",
    [
        "event_id = gen_random_uuid()",
        "stream_id = gen_random_uuid()",
        "version = version + 1",
        "type = 'alert.failed.v1'",
        "user_id = NULL",
        "correlation_id = gen_random_uuid()",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "payload = payload || ' '",
        "fingerprint = sha256(payload)",
    ],
)
async def test_any_column_of_a_fact(written: Ledger, change: str) -> None:
    written.tamper(f"UPDATE events SET {change} WHERE position = 5")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 5)


@pytest.mark.parametrize("change", ["NULL", "sha256(fingerprint)"])
async def test_the_fingerprint_of_a_state(written: Ledger, change: str) -> None:
    stream = alert()
    async with written.database.begin(None) as work:
        work.facts.append(stream, 0, [sent(stream)], state=sent(stream))
    assert (await written.verify()).untouched
    written.tamper(f"UPDATE events SET fingerprint = {change} WHERE position = 20")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 20)


async def test_a_row_altered_in_its_partition(written: Ledger) -> None:
    written.tamper("UPDATE events_from_1 SET user_id = NULL WHERE position = 5")
    assert (await found_in(written)).sentence.startswith("The event at position 5 was altered")


@pytest.mark.parametrize(
    "how", ["DROP TABLE events_from_1", "ALTER TABLE events DETACH PARTITION events_from_1"]
)
async def test_a_partition_that_is_gone(written: Ledger, how: str) -> None:
    written.tamper(how)
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MISSING, 1)


@pytest.mark.parametrize("place", [1, 4, 7, 12, 19])
async def test_a_deleted_row(written: Ledger, place: int) -> None:
    written.tamper(f"DELETE FROM events WHERE position = {place}")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MISSING, place)
    assert finding.sentence == f"The event at position {place} is missing."


async def test_several_deleted_rows(written: Ledger) -> None:
    written.tamper("DELETE FROM events WHERE position BETWEEN 4 AND 7")
    assert (await found_in(written)).sentence == "The events from position 4 to 7 are missing."


@pytest.mark.parametrize(("one", "other"), [(2, 4), (3, 19), (6, 9), (12, 13)])
async def test_two_swapped_rows(written: Ledger, one: int, other: int) -> None:
    written.tamper(*swap(one, other))
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MOVED, one)
    assert finding.sentence == f"The events at positions {one} and {other} were swapped."


async def test_a_row_inserted_in_the_middle(written: Ledger) -> None:
    written.tamper(
        "UPDATE events SET position = position + 100000 WHERE position >= 4",
        "UPDATE events SET position = position - 99999 WHERE position >= 100000",
        copy_of(1, 4),
    )
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_INSERTED, 4)


async def test_a_row_deleted_and_the_gap_closed(written: Ledger) -> None:
    written.tamper(
        "DELETE FROM events WHERE position = 3",
        "UPDATE events SET position = position + 100000 WHERE position > 3",
        "UPDATE events SET position = position - 100001 WHERE position > 100000",
    )
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MISSING, 3)


async def test_a_row_inserted_at_the_end(written: Ledger) -> None:
    written.tamper(copy_of(1, 20))
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_INSERTED, 20)


async def test_a_place_that_is_there_twice(written: Ledger) -> None:
    written.tamper("ALTER TABLE events DROP CONSTRAINT pk_events", copy_of(1, 7))
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_INSERTED, 7)


@pytest.mark.parametrize(
    "change", ["root = chain", "chain = root", "event_count = event_count + 1", "first_position = 1000"]
)
async def test_any_column_of_a_commit(written: Ledger, change: str) -> None:
    written.tamper(f"UPDATE commits SET {change} WHERE number = 7")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.COMMIT_ALTERED, 10)
    assert "Commit 7 was altered" in finding.sentence


async def test_the_time_of_a_commit(written: Ledger) -> None:
    written.tamper("UPDATE commits SET recorded_at = recorded_at + interval '1 day' WHERE number = 7")
    finding = await found_in(written)
    assert finding.sentence == "Commit 7 was altered: its time is not that of its events."


async def test_a_deleted_commit(written: Ledger) -> None:
    written.tamper("DELETE FROM commits WHERE number = 4")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.COMMIT_MISSING, 4)


async def test_the_first_of_several_is_named(written: Ledger) -> None:
    written.tamper(
        "UPDATE commits SET root = chain WHERE number = 7",
        "DELETE FROM events WHERE position IN (2, 19)",
    )
    assert (await found_in(written)).place == 2


async def test_a_commit_chain_that_was_rewritten_to_fit(written: Ledger) -> None:
    written.tamper(
        "UPDATE events SET payload = set_byte(payload, 3, get_byte(payload, 3) # 1) WHERE position = 3",
        lambda connection: rewrite_commits(connection, number=3, root=None),
    )
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 3)
    leaf = await leaf_at(written, 3)
    written.tamper(lambda connection: rewrite_commits(connection, number=3, root=leaf))
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.SEAL_BROKEN, 1)
    assert "from position 1 to 9 is not what seal 1 signed" in finding.sentence


async def test_a_log_whose_end_was_cut_off_under_a_seal(written: Ledger) -> None:
    await written.seal()
    written.tamper("DELETE FROM events WHERE position > 17", "DELETE FROM commits WHERE number > 9")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.COMMIT_MISSING, 18)


async def test_a_log_whose_end_was_cut_off_with_its_seal_is_noticed_by_the_anchor(written: Ledger) -> None:
    await written.seal()
    written.tamper(
        "DELETE FROM events WHERE position > 17",
        "DELETE FROM commits WHERE number > 9",
        "DELETE FROM seals WHERE number = 2",
    )
    finding = await found_in(written)
    assert (finding.kind, finding.sentence[:18]) == (FindingKind.SEAL_MISSING, "Seal 2 is missing:")


async def test_a_seal_by_another_key(ledger: Ledger) -> None:
    await ledger.write(1, 2)
    trusted = ledger.keys
    ledger.keys = ring()
    await ledger.seal()
    ledger.keys = trusted
    finding = await found_in(ledger)
    assert (finding.kind, finding.place) == (FindingKind.SEAL_BY_ANOTHER_KEY, 1)
    assert "Seal 1 (positions 1 to 3)" in finding.sentence


@pytest.mark.parametrize(
    "change",
    [
        "commit_count = 4",
        "position = 8",
        "tree_root = chain",
        "chain = tree_root",
        "previous = tree_root",
        "sealed_at = sealed_at - interval '1 second'",
        "signature = set_byte(signature, 0, get_byte(signature, 0) # 1)",
    ],
)
async def test_any_column_of_a_seal(written: Ledger, change: str) -> None:
    written.tamper(f"UPDATE seals SET {change}")
    finding = await found_in(written)
    assert (finding.kind, finding.place) == (FindingKind.SEAL_ALTERED, 1)


async def test_a_deleted_seal(written: Ledger) -> None:
    await written.seal()
    written.tamper("DELETE FROM seals WHERE number = 1")
    finding = await found_in(written)
    assert finding.sentence == "Seal 1 is missing."


async def test_what_was_tampered_with_is_not_sealed(written: Ledger) -> None:
    written.tamper("DELETE FROM events WHERE position = 12")
    with pytest.raises(LogAltered, match="position 12 is missing"):
        await written.seal()


async def test_a_seal_goes_on_only_from_what_the_last_one_signed(written: Ledger) -> None:
    written.tamper("UPDATE seals SET frontier = tree_root")
    with pytest.raises(Conflict, match="beside seal 1"):
        await written.seal()
    with pytest.raises(Invalid, match="beside seal 1"):
        await written.verify(from_seal=1)


async def test_from_a_seal_on_only_what_came_later_is_read(written: Ledger) -> None:
    written.tamper("UPDATE events SET user_id = NULL WHERE position IN (2, 14)")
    report = await written.verify(from_seal=1)
    assert (report.since, report.findings[0].place) == (9, 14)
    assert (await found_in(written)).place == 2


def swap(one: int, other: int) -> list[str]:
    return [
        f"UPDATE events SET position = 100000 WHERE position = {one}",
        f"UPDATE events SET position = {one} WHERE position = {other}",
        f"UPDATE events SET position = {other} WHERE position = 100000",
    ]


def copy_of(place: int, to: int) -> str:
    return (
        "INSERT INTO events (position, stream_id, version, event_id, type, recorded_at, payload) "
        f"SELECT {to}, gen_random_uuid(), 1, gen_random_uuid(), type, recorded_at, payload "
        f"FROM events WHERE position = {place}"
    )


async def leaf_at(ledger: Ledger, place: int) -> bytes:
    async with ledger.database.begin(None) as work:
        [run] = [run async for run in work.stored_log.leaves(after=Place(place - 1), until=Place(place))]
    return run.leaves[0]


def rewrite_commits(connection: psycopg.Connection[TupleRow], *, number: int, root: bytes | None) -> None:
    """Make the chain fit again, as somebody would who knows how it is made."""
    if root is not None:
        connection.execute("UPDATE commits SET root = %s WHERE number = %s", [root, number])
    head = bytes(32)
    for this, first, count, stored, chain in connection.execute(
        "SELECT number, first_position, event_count, root, chain FROM commits ORDER BY number"
    ).fetchall():
        commit = StoredCommit(number=this, first=first, count=count, root=stored, chain=chain)
        head = hashlib.sha256(head + commit.content()).digest()
        connection.execute("UPDATE commits SET chain = %s WHERE number = %s", [head, this])
