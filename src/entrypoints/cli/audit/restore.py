from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.status import Status

from adapters.postgres.log.parts import parts_of
from adapters.postgres.log.returning import PostgresReturns
from application.audit.archiving.archive_log import Part
from application.audit.archiving.restore_log import RestoreLog
from application.shared.ports import Place
from entrypoints.cli.asking import ask_first
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.db.schema_wanted import require_schema
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.container.core import Core
from entrypoints.database import database


def restore_log(*, yes: bool, as_json: bool) -> None:
    """Bring the newest archived part back after asking; raises Conflict when nobody says yes, and ArchiveFault."""
    due = run(_due())
    if due is not None:
        ask_first(f"Bring positions {due.first} to {due.last} back into the database?", yes=yes)
    done = run(_restore())
    if as_json:
        shown = None if done is None else {"partition": done.name, "first": done.first, "last": done.last}
        print_json({"restored": shown})
    elif done is None:
        console().print("Nothing is archived.")
    else:
        console().print(
            f"{done.name}: positions {done.first} to {done.last} are in the database again.", style="good"
        )


async def _due() -> Part | None:
    async with _restoring() as restoring:
        return await restoring.due()


async def _restore() -> Part | None:
    status = Status("Restoring ...", console=console(error=True))

    def tell(what: str, place: Place, last: Place) -> None:
        status.update(f"{what}: position {place:,} of {last:,}")

    async with _restoring() as restoring:
        with status:
            return await restoring(tell=tell)


@asynccontextmanager
async def _restoring() -> AsyncIterator[RestoreLog]:
    settings = load_settings()
    async with database(settings) as urls:
        await require_schema(urls)
        admin = urls.for_admin()

        @asynccontextmanager
        async def returns() -> AsyncIterator[PostgresReturns]:
            async with parts_of(admin) as parts:
                yield PostgresReturns(parts)

        container = Core(settings=settings, url=urls.for_worker())
        try:
            yield RestoreLog(container.begin(), returns, container.clock())
        finally:
            await container.database().close()
