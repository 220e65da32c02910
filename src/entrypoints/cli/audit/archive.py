from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.status import Status

from adapters.archive.folder import Folder
from adapters.postgres.log.parts import parts_of
from adapters.seals.no_anchor import NoAnchor
from application.audit.archiving.archive_log import ArchiveLog, Part
from application.audit.archiving.verify_export import VerifyExport
from application.shared.ports import Place
from entrypoints.cli.asking import ask_first
from entrypoints.cli.audit.moment import read_moment
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.db.schema_wanted import require_schema
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.container.core import Core
from entrypoints.database import database


def show_due(to: Path | None, *, before: str | None, until: int | None, as_json: bool) -> None:
    """Say which parts would be archived."""
    due = run(_due(to, before, until))
    if as_json:
        print_json({"due": [_shown(part) for part in due]})
        return
    for part in due:
        console().print(f"{part.name}: positions {part.first} to {part.last}")
    console().print(
        f"{len(due)} part{'s' * (len(due) != 1)} would be archived in {_folder(to)}."
        if due
        else "Nothing is due: a part has to be full, sealed and older than the newest.",
        soft_wrap=True,
    )


def archive_log(to: Path | None, *, before: str | None, until: int | None, yes: bool, as_json: bool) -> None:
    """Archive what is due after asking; raises Conflict when nobody says yes, or the log does not hold."""
    due, folder = run(_due(to, before, until)), _folder(to)
    if due:
        ask_first(
            f"Move positions {due[0].first} to {due[-1].last} out of the database, into {folder}?", yes=yes
        )
    done = run(_archive(to, before, until, quiet=as_json))
    if as_json:
        print_json({"folder": str(folder), "archived": [_shown(part) for part in done]})
        return
    screen = console()
    for part in done:
        screen.print(f"{part.name}: positions {part.first} to {part.last} are archived.", style="good")
    if not done:
        screen.print("Nothing was due: a part has to be full, sealed and older than the newest.")
    elif folder != load_settings().archive_folder:
        screen.print(
            f"Set PLIMSOLL_ARCHIVE_DIR={folder} wherever Plimsoll runs: without it these events cannot be read.",
            style="low",
            soft_wrap=True,
        )


async def _due(to: Path | None, before: str | None, until: int | None) -> Sequence[Part]:
    async with _archiving(_folder(to)) as archiving:
        return await archiving.due(
            until=None if until is None else Place(until),
            before=None if before is None else read_moment(before),
        )


async def _archive(to: Path | None, before: str | None, until: int | None, *, quiet: bool) -> Sequence[Part]:
    status = Status("Archiving ...", console=console(error=True))
    showing: AbstractContextManager[object] = nullcontext() if quiet else status
    async with _archiving(_folder(to)) as archiving:
        with showing:
            return await archiving(
                until=None if until is None else Place(until),
                before=None if before is None else read_moment(before),
                tell=_telling(status),
            )


def _telling(status: Status) -> Callable[[str, Place, Place], None]:
    def tell(what: str, place: Place, last: Place) -> None:
        status.update(f"{what}: position {place:,} of {last:,}")

    return tell


@asynccontextmanager
async def _archiving(folder: Path) -> AsyncIterator[ArchiveLog]:
    settings = load_settings().model_copy(update={"archive_dir": folder})
    async with database(settings) as urls:
        await require_schema(urls)
        admin = urls.for_admin()
        container, exported = Core(settings=settings, url=urls.for_worker()), Folder(folder)
        try:
            yield ArchiveLog(
                container.begin(),
                lambda: parts_of(admin),
                container.export_log(folder=exported),
                VerifyExport(exported, container.trusted(), NoAnchor()),
                exported,
                container.clock(),
            )
        finally:
            await container.database().close()


def _folder(to: Path | None) -> Path:
    return load_settings().archive_folder if to is None else to.expanduser().absolute()


def _shown(part: Part) -> dict[str, Any]:
    return {"partition": part.name, "first": part.first, "last": part.last}
