from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.archive.shelf import Shelf
from tests.integration.audit.ledger import ring

from adapters.archive import parquet, turns
from adapters.archive.facts import ParquetFacts
from adapters.archive.folder import Folder
from adapters.archive.parquet import ParquetFiles
from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.seals.anchor_file import AnchorFile
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.archiving import export_log


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven facts a file, three a row group, four commits a file, streams followed in shares: every boundary is met."""
    monkeypatch.setattr(export_log, "FACTS", 7)
    monkeypatch.setattr(export_log, "PAGE", 3)
    monkeypatch.setattr(export_log, "COMMITS", 4)
    monkeypatch.setattr(parquet, "GROUP", 3)
    monkeypatch.setattr(turns, "SHARE", 5)
    monkeypatch.setattr(turns, "STEP", 4)


@pytest.fixture
async def shelf(database: Database, tmp_path: Path) -> AsyncIterator[Shelf]:
    folder = tmp_path / "archive"
    opened = [
        PostgresDatabase(
            url,
            work=PostgresWork,
            clock=SystemClock(),
            ids=SystemIds(),
            secrets=RING,
            archive=lambda: ParquetFacts(ParquetFiles(folder)),
            pool_size=2,
        )
        for url in (database.worker_url, database.app_url)
    ]
    yield Shelf(
        database=opened[0],
        admin_url=database.admin_url,
        anchor=AnchorFile(tmp_path / "seals.jsonl"),
        clock=ManualClock(),
        keys=ring(),
        served=opened[1],
        folder=Folder(folder),
    )
    for one in opened:
        await one.close()
