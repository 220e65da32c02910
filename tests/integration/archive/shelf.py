import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from tests.integration.audit.ledger import Ledger

from adapters.archive.folder import Folder
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log.parts import parts_of
from adapters.postgres.log.returning import PostgresReturns
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.seals.no_anchor import NoAnchor
from application.audit.archiving.archive_log import ArchiveLog
from application.audit.archiving.export_log import Exported, ExportLog
from application.audit.archiving.restore_log import RestoreLog
from application.audit.archiving.verify_export import VerifyExport
from application.audit.proving.finding import Verification
from application.shared.ports import Place


@dataclass(kw_only=True)
class Shelf(Ledger):
    """A ledger with a folder that parts of the log are written into."""

    served: PostgresDatabase[PostgresWork]
    folder: Folder
    progress: list[tuple[Place, Place]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder.folder

    async def export(self, *, first: int | None = None, until: int | None = None) -> Exported:
        return await ExportLog(self.database.begin, self.folder)(
            first=None if first is None else Place(first),
            until=None if until is None else Place(until),
            progress=lambda place, last: self.progress.append((place, last)),
        )

    def archiving(self) -> ArchiveLog:
        return ArchiveLog(
            self.database.begin,
            lambda: parts_of(self.admin_url),
            ExportLog(self.database.begin, self.folder),
            VerifyExport(self.folder, self.keys[1], NoAnchor()),
            self.folder,
            self.clock,
        )

    async def archive(self, *, until: int | None = None, before: datetime | None = None) -> list[str]:
        parts = await self.archiving()(
            until=None if until is None else Place(until),
            before=before,
            tell=lambda what, place, last: self.told.append(what),
        )
        return [part.name for part in parts]

    async def restore(self) -> str | None:
        @asynccontextmanager
        async def returns() -> AsyncIterator[PostgresReturns]:
            async with parts_of(self.admin_url) as parts:
                yield PostgresReturns(parts)

        restoring = RestoreLog(self.database.begin, returns, self.clock)
        part = await restoring(tell=lambda what, place, last: self.told.append(what))
        return None if part is None else part.name

    def partitions(self) -> list[str]:
        """Return every table that holds or held facts, whether or not it still belongs to the log."""
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, 'events_')"
        with psycopg.connect(conninfo(self.admin_url)) as connection:
            names = [str(name) for (name,) in connection.execute(query).fetchall()]
        return sorted(names, key=lambda name: int(name.rpartition("_")[2]))

    async def verify_export(self) -> Verification:
        return await VerifyExport(self.folder, self.keys[1], NoAnchor())(progress=lambda place: None)

    def manifest(self) -> Any:
        return json.loads((self.path / "manifest.json").read_bytes())

    def files(self, kind: str) -> list[Path]:
        return sorted(self.path.glob(f"{kind}-*"))


def flip(path: Path, offset: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)
