import random

import pytest
from tests.integration.archive.shelf import Shelf
from tests.integration.postgres.partitions import use_small_partitions

from application.audit.archiving import export_log
from application.shared.ports import Place


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_an_export_of_any_log_verifies_and_any_archive_reads_as_before(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Commits, seals, partitions, files, and what is exported and archived and brought back when, are drawn by lot."""
    lot = random.Random(seed)
    use_small_partitions(shelf.admin_url, lot.randint(3, 12))
    exported = 0
    for _ in range(6):
        monkeypatch.setattr(export_log, "FACTS", lot.randint(1, 20))
        monkeypatch.setattr(export_log, "COMMITS", lot.randint(1, 9))
        await shelf.write(*(lot.randint(1, 7) for _ in range(lot.randint(1, 5))))
        await shelf.seal()
        await shelf.write(lot.randint(1, 4))
        log = await everything(shelf)
        match doing := lot.choice(["export", "archive", "archive", "restore"]):
            case "export":
                exported = (await shelf.export(until=lot.randint(max(exported, 1), len(log) - 4))).last
            case "archive":
                await shelf.archive(until=lot.randint(1, len(log)))
            case _:
                await shelf.restore()
        assert await everything(shelf) == log, doing
        assert (await shelf.verify()).findings == (), doing
        exported = shelf.manifest()["last_position"] if (shelf.path / "manifest.json").exists() else 0
        if exported:
            report = await shelf.verify_export()
            assert (report.findings, report.until) == ((), exported), doing


async def everything(shelf: Shelf) -> list[object]:
    async with shelf.database.begin(None) as work:
        facts = list(await work.facts.after(Place(0), limit=500))
        assert [one.place for one in facts] == list(range(1, await work.facts.last() + 1))
        assert [one async for run in work.facts.through(Place(0), Place(500)) for one in run] == facts
        return list(facts)
