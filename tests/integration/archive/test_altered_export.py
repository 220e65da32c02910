import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.integration.archive.shelf import Shelf, flip
from tests.integration.audit.ledger import ring

from application.audit.proving.archive import ArchiveFault
from application.audit.proving.finding import Finding, FindingKind

STEPS = 12


@pytest.fixture
async def shelf(shelf: Shelf) -> Shelf:
    """An export of positions 1 to 19 in three files of events, with eleven commits in three files, and two seals."""
    await shelf.write(1, 1, 1, 1, 1, 4)
    await shelf.seal()
    await shelf.write(1, 6, 1, 1, 1)
    await shelf.seal()
    await shelf.export()
    return shelf


async def found_in(shelf: Shelf) -> Finding:
    report = await shelf.verify_export()
    assert not report.untouched
    return report.findings[0]


@pytest.mark.parametrize("kind", ["events", "commits", "seals"])
async def test_one_bit_anywhere_in_any_file_is_caught_and_the_file_named(shelf: Shelf, kind: str) -> None:
    for file in shelf.files(kind):
        content = file.read_bytes()
        for step in range(STEPS):
            flip(file, len(content) * step // STEPS)
            finding = await found_in(shelf)
            assert file.name in finding.sentence, finding.sentence
            file.write_bytes(content)
        flip(file, len(content) - 1)
        assert (await shelf.verify_export()).findings
        file.write_bytes(content)
    assert (await shelf.verify_export()).untouched


async def test_one_bit_anywhere_in_the_manifest_is_caught(shelf: Shelf) -> None:
    path = shelf.path / "manifest.json"
    content = path.read_bytes()
    for offset in range(0, len(content), 37):
        flip(path, offset)
        with pytest.raises(ArchiveFault, match=r"manifest\.json was altered"):
            await shelf.verify_export()
        path.write_bytes(content)


@pytest.mark.parametrize("kind", ["events", "commits", "seals"])
async def test_a_missing_file_is_named_and_what_it_held_unknown(shelf: Shelf, kind: str) -> None:
    file = shelf.files(kind)[-1]
    file.unlink()
    finding = await found_in(shelf)
    assert finding.kind is FindingKind.ARCHIVE_MISSING
    assert f"{file.name}" in finding.sentence
    assert "is missing from" in finding.sentence
    assert "unknown until it is put back" in finding.sentence


async def test_the_first_event_that_was_altered_is_named_with_its_file(shelf: Shelf) -> None:
    rewrite(shelf, lambda frame: with_payload(frame, 11, b"{}"))
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 11)
    assert "from position 11 to 16 (commit 8)" in finding.sentence
    assert "(in the archive's file events-000000000008-000000000014.parquet)" in finding.sentence


async def test_an_event_that_was_taken_out_is_named(shelf: Shelf) -> None:
    rewrite(shelf, lambda frame: frame.filter(pl.col("position") != 10))
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MISSING, 10)


async def test_an_event_that_was_put_in_is_named(shelf: Shelf) -> None:
    rewrite(shelf, lambda frame: pl.concat([frame.head(4), frame.slice(3)]))
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_INSERTED, 11)


async def test_events_in_another_order_are_named(shelf: Shelf) -> None:
    rewrite(shelf, lambda frame: frame.select(pl.all().gather([0, 1, 3, 2, 4, 5, 6])))
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_MISSING, 10)

    def swapped(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(position=pl.Series([8, 9, 10, 11, 12, 13, 14], dtype=pl.Int64))

    rewrite(shelf, swapped)
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_INSERTED, 10)
    assert "the one that belongs there stands at 11" in finding.sentence


async def test_an_event_that_was_altered_is_named_although_the_manifest_was_made_to_fit(shelf: Shelf) -> None:
    rewrite(shelf, lambda frame: with_payload(frame, 9, b"{}"))
    make_fit(shelf)
    finding = await found_in(shelf)
    assert (finding.kind, finding.place) == (FindingKind.EVENT_ALTERED, 6)
    assert "events-000000000001-000000000007.parquet" in finding.sentence


async def test_a_manifest_that_leaves_a_file_out_is_refused(shelf: Shelf) -> None:
    said = shelf.manifest()
    del said["events"][1]
    store(shelf, said)
    with pytest.raises(ArchiveFault, match="does not continue what comes before it"):
        await shelf.verify_export()


async def test_a_manifest_that_leaves_a_seal_out_leaves_events_that_no_seal_covers(shelf: Shelf) -> None:
    [seals] = shelf.files("seals")
    seals.write_bytes(b"\n".join([*seals.read_bytes().splitlines()[:1], b"[]"])[2:])
    make_fit(shelf)
    assert "no seal that covers them" in (await found_in(shelf)).sentence


async def test_a_seal_by_another_key_is_named(shelf: Shelf) -> None:
    shelf.keys = ring()
    finding = await found_in(shelf)
    assert finding.kind is FindingKind.SEAL_BY_ANOTHER_KEY


@pytest.mark.parametrize("name", ["../../secret-1-2.parquet", "/etc/passwd", "events-1-2.parquet\n"])
async def test_a_manifest_names_files_of_its_folder_only(shelf: Shelf, name: str) -> None:
    said = shelf.manifest()
    said["events"][0]["file"] = name
    store(shelf, said)
    with pytest.raises(ArchiveFault, match="is no manifest of an export"):
        await shelf.verify_export()


def with_payload(frame: pl.DataFrame, place: int, payload: bytes) -> pl.DataFrame:
    chosen = pl.when(pl.col("position") == place).then(pl.lit(payload)).otherwise("payload")
    return frame.with_columns(payload=chosen)


def rewrite(shelf: Shelf, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change the file of positions 8 to 14."""
    file: Path = shelf.files("events")[1]
    change(pl.read_parquet(file)).write_parquet(file)


def make_fit(shelf: Shelf) -> None:
    """Let the manifest say what the files hash to now."""
    said = shelf.manifest()
    for file in (*said["events"], *said["commits"], said["seals"]):
        content = (shelf.path / file["file"]).read_bytes()
        file["bytes"], file["sha256"] = len(content), sha256(content).hexdigest()
    store(shelf, said)


def store(shelf: Shelf, said: Any) -> None:
    """Write the manifest as the program would, with the digest that belongs to it."""
    said["digest"] = "0" * 64
    said["digest"] = sha256(written(said)).hexdigest()
    (shelf.path / "manifest.json").write_bytes(written(said))


def written(said: Any) -> bytes:
    return json.dumps(said, indent=2).encode() + b"\n"
