"""Archives a log, and dies by SIGKILL before its n-th step that changes a disk or the database.

Arguments: the administrator's URL, the worker's, the folder, the file of the key, and n.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from tests.fixtures.secrets import RING

from adapters.archive import durable, parquet, writing
from adapters.archive.facts import ParquetFacts
from adapters.archive.folder import Folder
from adapters.archive.parquet import ParquetFiles
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log.parts import parts_of
from adapters.postgres.work import PostgresWork
from adapters.seals.key_file import read_key_file
from adapters.seals.no_anchor import NoAnchor
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.archiving import export_log
from application.audit.archiving.archive_log import ArchiveLog
from application.audit.archiving.export_log import ExportLog
from application.audit.archiving.verify_export import VerifyExport


def main(admin: str, worker: str, folder: Path, key: Path, fatal: int) -> None:
    export_log.FACTS, export_log.PAGE, export_log.COMMITS, parquet.GROUP = 15, 9, 9, 3  # type: ignore[misc] # small
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(done: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any, **named: Any) -> Any:
            step()
            return done(*arguments, **named)

        return stepping

    execute = psycopg.AsyncConnection.execute

    def stepping_execute(connection: Any, statement: Any, *arguments: Any) -> Any:
        text = statement if isinstance(statement, str) else repr(statement)
        if any(word in text for word in ("INSERT", "LOCK", "ALTER", "DROP")):
            step()
        return execute(connection, statement, *arguments)

    vars(writing)["write_durably"] = before(durable.write_durably)
    durable.sync_folder = before(durable.sync_folder)  # between the renaming and its being on the disk
    psycopg.AsyncConnection.execute = stepping_execute  # type: ignore[method-assign, assignment] # on purpose
    asyncio.run(archive(admin, worker, folder, key))


async def archive(admin: str, worker: str, folder: Path, key: Path) -> None:
    database = PostgresDatabase(
        worker,
        work=PostgresWork,
        clock=SystemClock(),
        ids=SystemIds(),
        secrets=RING,
        archive=lambda: ParquetFacts(ParquetFiles(folder)),
    )
    exported = Folder(folder)
    await ArchiveLog(
        database.begin,
        lambda: parts_of(admin),
        ExportLog(database.begin, exported),
        VerifyExport(exported, read_key_file(key).trusted, NoAnchor()),
        exported,
        SystemClock(),
    )(tell=lambda what, place, last: None)
    await database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
