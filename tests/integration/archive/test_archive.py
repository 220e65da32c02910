from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.integration.archive.shelf import Shelf, flip
from tests.integration.postgres.facts import ME, SOMEBODY, alert, sent
from tests.integration.postgres.partitions import use_small_partitions

from adapters.postgres.log.parts import parts_of
from adapters.postgres.urls import conninfo
from adapters.seals.leaf import leaf_of
from adapters.system.clock import SystemClock
from application.audit.archiving import export_log
from application.audit.proving.archive import ArchiveFault
from application.audit.proving.finding import FindingKind
from application.shared.ports import Place, Recorded
from domain.alerts.events import AlertSent
from domain.identity.events import UserDeleted
from domain.shared.errors import Conflict
from domain.shared.ids import AlertId, UserId

STREAM = alert()


@pytest.fixture
async def shelf(shelf: Shelf) -> Shelf:
    """Facts at positions 1 to 35, ten a partition, sealed up to 33.

    Commits lie across the ends of the first two partitions, and one stream goes through all four.
    """
    use_small_partitions(shelf.admin_url, 10)
    await again(shelf, 0, 2)
    await shelf.write(1, 5, 4)
    await shelf.seal()
    await again(shelf, 2, 1)
    await shelf.write(2, 1, 7)
    await again(shelf, 3, 1)
    await shelf.write(9)
    await shelf.seal()
    await again(shelf, 4, 2)
    return shelf


async def again(shelf: Shelf, known: int, more: int) -> None:
    async with shelf.database.begin(None) as work:
        work.facts.append(STREAM, known, [sent(STREAM)] * more)


async def everything(shelf: Shelf) -> list[Recorded]:
    async with shelf.database.begin(None) as work:
        return list(await work.facts.after(Place(0), limit=100))


async def test_parts_that_seals_cover_leave_the_database_and_nothing_is_missing(shelf: Shelf) -> None:
    before = await everything(shelf)
    assert len(before) == 35
    assert await shelf.archive() == ["events_from_1", "events_from_11", "events_from_21"]
    assert shelf.partitions()[0] == "events_from_31"
    with psycopg.connect(conninfo(shelf.admin_url)) as connection:
        assert connection.execute("SELECT count(*), min(position) FROM events").fetchone() == (5, 31)
    assert await everything(shelf) == before
    async with shelf.database.begin(None) as work:
        pages = [await work.facts.after(Place(place), limit=4) for place in range(36)]
        assert [list(page) for page in pages] == [before[place : place + 4] for place in range(36)]
        assert list(await work.facts.after(Place(3), limit=50, until=Place(17))) == before[3:17]
        assert list(await work.facts.after(Place(3), limit=50, until=Place(34))) == before[3:34]
        assert not await work.facts.after(Place(0), limit=5, types=[UserDeleted])
        assert list(await work.facts.after(Place(9), limit=9, types=[AlertSent])) == before[9:18]


async def test_a_stream_goes_on_from_the_archive_into_the_database(shelf: Shelf) -> None:
    async with shelf.database.begin(None) as work:
        before = list(await work.facts.of(STREAM))
    await shelf.archive()
    async with shelf.database.begin(None) as work:
        assert list(await work.facts.of(STREAM)) == before
        assert [one.version for one in await work.facts.of(STREAM)] == [1, 2, 3, 4, 5, 6]
        assert list(await work.facts.of(STREAM, until=Place(20))) == before[:3]
        assert list(await work.facts.of(STREAM, after=Place(2))) == before[2:]
        assert list(await work.facts.of(STREAM, after=Place(33))) == before[4:]
        assert not await work.facts.of(alert())
    await again(shelf, 6, 1)
    async with shelf.database.begin(None) as work:
        assert [one.version for one in await work.facts.of(STREAM)] == [1, 2, 3, 4, 5, 6, 7]


async def test_what_is_archived_verifies_and_is_proven_with_the_rest(shelf: Shelf) -> None:
    await shelf.archive()
    await shelf.seal()
    report = await shelf.verify()
    assert report.findings == ()
    assert (report.facts, report.until, report.seals) == (35, 35, 3)
    assert (await shelf.verify(from_seal=1)).untouched
    assert (await shelf.verify_export()).untouched
    for place in (1, 9, 10, 11, 20, 22, 30, 31, 35):
        (await shelf.prove(place)).check(shelf.keys[1], leaf_of)
    (await shelf.consistency(1, 3)).check(shelf.keys[1])


async def test_the_log_goes_on_and_more_is_archived_later(shelf: Shelf) -> None:
    assert await shelf.archive(until=25) == ["events_from_1", "events_from_11"]
    await shelf.write(8, 8)
    await shelf.seal()
    assert await shelf.archive() == ["events_from_21", "events_from_31", "events_from_41"]
    assert await shelf.archive() == []
    assert len(await everything(shelf)) == 51
    assert (await shelf.verify()).untouched
    assert (await shelf.verify_export()).untouched


async def test_only_what_is_old_enough_sealed_and_whole_is_due(shelf: Shelf) -> None:
    async def due(*, until: Place | None = None, before: datetime | None = None) -> list[str]:
        return [part.name for part in await shelf.archiving().due(until=until, before=before)]

    assert await due() == ["events_from_1", "events_from_11", "events_from_21"]
    assert await due(until=Place(20)) == ["events_from_1", "events_from_11"]
    assert await due(until=Place(19)) == ["events_from_1"]
    assert await due(before=SystemClock().now() + timedelta(days=1)) == await due()
    assert await due(before=datetime(2026, 1, 1, tzinfo=UTC)) == []
    assert len(shelf.partitions()) > 3
    assert not shelf.path.exists()


async def test_actors_see_their_own_archived_facts_and_strangers_none(shelf: Shelf) -> None:
    theirs = alert()
    async with shelf.database.begin(None) as work:
        work.facts.append(theirs, 0, [sent(theirs, SOMEBODY)])
    await shelf.write(9, 9)
    await shelf.seal()
    before = await seen_by(shelf, theirs)
    await shelf.archive()
    assert shelf.partitions()[0] == "events_from_51"
    assert await seen_by(shelf, theirs) == before
    assert before[0] == ({ME}, 53, 6, 0)
    assert before[1] == ({SOMEBODY}, 1, 0, 1)
    assert before[2] == (set(), 0, 0, 0)


async def seen_by(shelf: Shelf, theirs: AlertId) -> list[tuple[set[UserId | None], int, int, int]]:
    seen = []
    for actor in (ME, SOMEBODY, None):
        async with shelf.served.begin(actor) as work:
            facts = await work.facts.after(Place(0), limit=100)
            mine, other = await work.facts.of(STREAM), await work.facts.of(theirs)
            seen.append(({one.user_id for one in facts}, len(facts), len(mine), len(other)))
    return seen


async def test_nobody_writes_to_somebody_elses_archived_stream(shelf: Shelf) -> None:
    await shelf.archive()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with shelf.served.begin(SOMEBODY) as work:
            work.facts.append(STREAM, 6, [sent(STREAM, SOMEBODY)])


async def test_without_its_files_the_archive_is_unknown_and_never_a_gap(shelf: Shelf) -> None:
    await shelf.archive()
    [*_, file, _] = shelf.files("events")
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(ArchiveFault, match=f"{file.name}.*is missing from"):
        await everything(shelf)
    async with shelf.database.begin(None) as work:
        with pytest.raises(ArchiveFault):
            await work.facts.of(STREAM)
        assert len(await work.facts.after(Place(33), limit=5)) == 2
    report = await shelf.verify()
    assert [one.kind for one in report.findings] == [FindingKind.ARCHIVE_MISSING]
    assert file.name in report.findings[0].sentence
    file.write_bytes(kept)
    assert len(await everything(shelf)) == 35
    assert (await shelf.verify()).untouched


async def test_one_bit_of_an_archived_file_is_caught_by_every_reader(shelf: Shelf) -> None:
    await shelf.archive()
    file = shelf.files("events")[1]
    assert len(await everything(shelf)) == 35
    size = file.stat().st_size
    for offset in (5, size // 3, size // 2, size - 9):
        flip(file, offset)
        with pytest.raises(ArchiveFault, match=f"{file.name}.*was altered"):
            await everything(shelf)
        [finding] = (await shelf.verify()).findings
        assert file.name in finding.sentence
        flip(file, offset)
    assert (await shelf.verify()).untouched


async def test_a_part_that_does_not_hold_stays_in_the_database(shelf: Shelf) -> None:
    shelf.tamper("UPDATE events SET payload = payload || ' ' WHERE position = 14")
    with pytest.raises(Conflict, match=r"events_from_11 stays in the database\..*position 1"):
        await shelf.archive()
    assert shelf.partitions()[0] == "events_from_11"
    [finding] = (await shelf.verify()).findings
    assert finding.place in {14, 13, 12}


async def test_a_rewritten_time_or_turn_in_the_database_is_still_found(shelf: Shelf) -> None:
    await shelf.archive()
    shelf.tamper("UPDATE commits SET recorded_at = recorded_at + interval '1 day' WHERE number = 3")
    assert (await shelf.verify()).findings[
        0
    ].sentence == "Commit 3 was altered: its time is not that of its events."


async def test_files_may_reach_over_several_parts(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await everything(shelf)
    monkeypatch.setattr(export_log, "FACTS", 25)
    await shelf.export()
    assert len(shelf.files("events")) == 2
    assert await shelf.archive() == ["events_from_1", "events_from_11", "events_from_21"]
    assert shelf.partitions()[0] == "events_from_31"
    assert await everything(shelf) == before
    assert (await shelf.verify()).findings == ()
    assert [await shelf.restore() for _ in range(2)] == ["events_from_21", "events_from_11"]
    assert await everything(shelf) == before
    assert await shelf.archive() == ["events_from_11", "events_from_21"]
    assert await everything(shelf) == before
    assert (await shelf.verify()).findings == ()


async def test_what_was_archived_is_brought_back_part_by_part_and_archived_again(shelf: Shelf) -> None:
    before, tables = await everything(shelf), shelf.partitions()
    assert await shelf.restore() is None
    await shelf.archive()
    assert await shelf.restore() == "events_from_21"
    assert shelf.partitions()[0] == "events_from_21"
    async with shelf.database.begin(None) as work:
        assert await work.archived.cut() == 20
    assert await everything(shelf) == before
    assert (await shelf.verify()).findings == ()
    assert await shelf.archive() == ["events_from_21"]
    assert await everything(shelf) == before
    assert (await shelf.verify()).findings == ()
    assert [await shelf.restore() for _ in range(4)] == [
        *("events_from_21", "events_from_11", "events_from_1"),
        None,
    ]
    assert shelf.partitions() == tables
    for file in shelf.files("events"):
        file.unlink()
    assert await everything(shelf) == before
    await shelf.seal()
    await shelf.write(4)
    assert (await shelf.verify()).findings == ()


async def test_a_part_whose_file_is_altered_is_not_brought_back(shelf: Shelf) -> None:
    await shelf.archive()
    tables = shelf.partitions()
    file = shelf.files("events")[-2]
    flip(file, file.stat().st_size // 2)
    with pytest.raises(ArchiveFault, match="was altered"):
        await shelf.restore()
    assert shelf.partitions() == tables


async def test_two_do_not_archive_at_once(shelf: Shelf) -> None:
    async with parts_of(shelf.admin_url):
        with pytest.raises(Conflict, match="Another process is archiving"):
            await shelf.archive()


async def test_who_asked_before_a_part_was_on_record_is_waited_for(shelf: Shelf) -> None:
    async with shelf.database.begin(None) as work:
        assert await work.archived.cut() == 0
        with psycopg.connect(conninfo(shelf.admin_url)) as connection:
            connection.execute("SET lock_timeout = '100ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                connection.execute("LOCK TABLE archives IN ACCESS EXCLUSIVE MODE")
    assert await shelf.archive(until=10) == ["events_from_1"]
