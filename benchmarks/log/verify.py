import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.seals.anchor_file import AnchorFile
from adapters.seals.keys import KeyRing, new_key
from application.audit.proving.verify_log import VerifyLog
from benchmarks.log.sources import (
    check,
    database_of,
    drained,
    in_a_process_of_its_own,
    loaded_log,
    peak_memory_mb,
    per_second,
)
from benchmarks.work import Contest, Work


async def verified(database: PostgresDatabase[PostgresWork], events: int) -> None:
    """Verify the whole log: leaves, roots, chain, turns and times; it is not sealed."""
    with TemporaryDirectory() as folder:
        trusted = KeyRing.read(new_key()).trusted
        found = await VerifyLog(database.begin, trusted, AnchorFile(Path(folder) / "seals.jsonl"))()
    check((found.untouched, found.facts, found.until), (True, events, events))


@asynccontextmanager
async def _open() -> AsyncIterator[Contest]:
    async with loaded_log() as (admin_url, events):
        database = database_of(admin_url)
        try:
            yield Contest(
                ours=per_second(events, lambda: verified(database, events)),
                floor=drained(admin_url, events),
                peak_memory=in_a_process_of_its_own("benchmarks.log.verify", admin_url, events),
            )
        finally:
            await database.close()


WORK = Work(name="verify_chain", unit="events/s", open=_open, rounds=5, throughput=True)


async def _once(admin_url: str, events: int) -> None:
    database = database_of(admin_url)
    await verified(database, events)
    await database.close()


if __name__ == "__main__":
    uvloop.run(_once(sys.argv[1], int(sys.argv[2])))
    print(peak_memory_mb())
