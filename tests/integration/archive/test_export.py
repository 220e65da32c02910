import polars as pl
import pytest
from tests.integration.archive.shelf import Shelf

from adapters.codec.ids import packed
from application.audit.proving.seals import NotSealed
from application.shared.ports import Place
from domain.shared.errors import Conflict, Invalid, NotFound


@pytest.fixture
async def sealed(shelf: Shelf) -> Shelf:
    """Facts at positions 1 to 19, sealed up to 9 and up to 19; then five that no seal covers."""
    await shelf.write(1, 1, 1, 1, 1, 4)
    await shelf.seal()
    await shelf.write(1, 6, 1, 1, 1)
    await shelf.seal()
    await shelf.write(5)
    return shelf


async def test_an_export_holds_what_seals_cover_and_verifies_alone(sealed: Shelf) -> None:
    exported = await sealed.export()
    assert (exported.first, exported.last, exported.written, exported.seal) == (1, 19, 19, 2)
    report = await sealed.verify_export()
    assert report.untouched
    assert (report.since, report.until, report.facts, report.commits, report.seals) == (0, 19, 19, 11, 2)
    assert len(sealed.files("events")) == 3
    assert len(sealed.files("commits")) == 3
    assert sealed.progress[0] == (0, 19)
    assert sealed.progress[-1] == (19, 19)


async def test_the_columns_are_those_of_the_table_and_the_bytes_too(sealed: Shelf) -> None:
    await sealed.export()
    frame = pl.concat(pl.read_parquet(file) for file in sealed.files("events"))
    async with sealed.database.begin(None) as work:
        stored = [await work.stored_log.fact(Place(place)) for place in range(1, 20)]
    assert frame["payload"].to_list() == [one.payload for one in stored if one is not None]
    assert frame["stream_id"].to_list() == [packed(one.stream) for one in stored if one is not None]
    assert frame["recorded_at"].to_list() == [one.recorded_at for one in stored if one is not None]
    assert frame["position"].to_list() == list(range(1, 20))


@pytest.mark.parametrize(
    ("first", "until", "held"),
    [(None, 3, (1, 3)), (7, 12, (6, 16)), (10, 10, (10, 10)), (19, None, (19, 19))],
)
async def test_an_export_holds_the_whole_commits_of_a_range(
    sealed: Shelf, first: int | None, until: int | None, held: tuple[int, int]
) -> None:
    exported = await sealed.export(first=first, until=until)
    assert (exported.first, exported.last) == held
    report = await sealed.verify_export()
    assert report.untouched
    assert (report.since, report.until, report.facts) == (held[0] - 1, held[1], held[1] - held[0] + 1)


async def test_an_export_grows_by_what_was_sealed_since_and_writes_nothing_twice(sealed: Shelf) -> None:
    await sealed.export(until=9)
    before = {path: path.stat().st_mtime_ns for path in sealed.files("events")}
    assert (await sealed.export()).written == 10
    await sealed.seal()
    assert (await sealed.export()).written == 5
    assert (await sealed.export()).written == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    report = await sealed.verify_export()
    assert (report.untouched, report.until, report.seals) == (True, 24, 3)
    assert [path.name for path in sealed.files("seals")] == ["seals-000000000001-000000000003.json"]


async def test_what_cannot_be_exported_is_refused_with_a_sentence(sealed: Shelf) -> None:
    with pytest.raises(NotSealed, match="No seal covers place 20 yet"):
        await sealed.export(until=20)
    with pytest.raises(NotFound, match="no event at position 99"):
        await sealed.export(first=99)
    with pytest.raises(Invalid, match="cannot begin at position 12 and end at 3"):
        await sealed.export(first=12, until=3)
    with pytest.raises(Invalid, match="holds no export"):
        await sealed.verify_export()
    await sealed.export(first=10)
    with pytest.raises(Conflict, match="holds an export from position 10 on"):
        await sealed.export(first=1)


async def test_an_unsealed_log_is_not_exported(shelf: Shelf) -> None:
    await shelf.write(2)
    with pytest.raises(NotSealed):
        await shelf.export()
    assert not shelf.path.exists()


async def test_two_cannot_write_into_one_folder(sealed: Shelf) -> None:
    async with sealed.folder.writing(first=None):
        with pytest.raises(Conflict, match="Another process is writing"):
            await sealed.export()
    assert (await sealed.export()).last == 19


async def test_a_log_with_a_hole_is_not_exported_beyond_it(sealed: Shelf) -> None:
    sealed.tamper("DELETE FROM events WHERE position = 12")
    with pytest.raises(Conflict, match="audit verify"):
        await sealed.export()
    with pytest.raises(Invalid, match="was not finished"):
        await sealed.verify_export()


async def test_what_was_altered_before_the_export_is_found_in_it(sealed: Shelf) -> None:
    sealed.tamper("UPDATE events SET payload = payload || ' ' WHERE position = 11")
    await sealed.export()
    [finding] = (await sealed.verify_export()).findings
    assert "position 11" in finding.sentence
    assert "events-000000000008-000000000014.parquet" in finding.sentence
