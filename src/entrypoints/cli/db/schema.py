import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from rich.table import Table
from rich.text import Text

from adapters.postgres import migrator
from adapters.postgres.revisions import Revision
from entrypoints.cli.asking import ask_first
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.database import database

AnswerT = TypeVar("AnswerT")


def migrate(target: str, *, as_json: bool) -> None:
    """Bring the schema up to a revision; raises what `migrator.migrate` does."""
    done = _taken(lambda url, tell: migrator.migrate(url, target, tell), "Migrating", as_json=as_json)
    _report(done, "There was nothing to do.", "These steps were taken.", as_json=as_json)


def rollback(steps: int, *, yes: bool, as_json: bool) -> None:
    """Take steps back once a person agreed; raises Conflict, and what `migrator.rollback` does."""
    what = "the newest step" if steps == 1 else f"the newest {steps} steps"
    ask_first(f"Take {what} back, with everything stored in what was made?", yes=yes)
    done = _taken(lambda url, tell: migrator.rollback(url, steps, tell), "Rolling back", as_json=as_json)
    _report(done, "Nothing was taken back.", "These steps were taken back.", as_json=as_json)


def fresh(*, yes: bool, as_json: bool) -> None:
    """Begin anew once a person agreed; raises Conflict, and what `migrator.fresh` does."""
    ask_first("Remove every user, alert and fact in the database for ever?", yes=yes)
    done = _taken(
        lambda url, tell: migrator.fresh(url, confirmed=True, progress=tell),
        "Beginning anew",
        as_json=as_json,
    )
    _report(
        done, "Nothing was made.", "The database is empty, and its schema was made anew.", as_json=as_json
    )


def status(*, as_json: bool) -> None:
    """Say where the schema stands; raises NewerDatabase and Unavailable."""
    found = _as_administrator(migrator.status)
    if as_json:
        pending = [{"id": one.id, "title": one.title} for one in found.pending]
        print_json({"current": found.current, "head": found.head, "pending": pending})
        return
    screen = console()
    at = f"at revision {found.current}" if found.current else "empty"
    screen.print(f"The database is {at}; this version of Plimsoll brings revision {found.head}.")
    if found.pending:
        screen.print(_listed(found.pending))
        screen.print("Run [bold]plimsoll db migrate[/bold] to take these steps.")
    else:
        screen.print("It is up to date.", style="good")


def _as_administrator(work: Callable[[str], AnswerT]) -> AnswerT:
    async def connected() -> AnswerT:
        async with database(load_settings()) as urls:
            return await asyncio.to_thread(work, urls.for_admin())

    return run(connected())


def _taken(
    work: Callable[[str, Callable[[Revision], None]], None], doing: str, *, as_json: bool
) -> Sequence[Revision]:
    done: list[Revision] = []
    spinning: AbstractContextManager[object] = nullcontext()
    if not as_json:
        spinning = console(error=True).status(f"{doing} ...")
    with spinning:
        _as_administrator(lambda url: work(url, done.append))
    return done


def _report(done: Sequence[Revision], nothing: str, something: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"steps": [{"id": one.id, "title": one.title} for one in done]})
        return
    if done:
        console().print(_listed(done))
    console().print(something if done else nothing)


def _listed(revisions: Sequence[Revision]) -> Table:
    table = Table.grid(padding=(0, 2))
    for one in revisions:
        table.add_row(Text(one.id, "figure"), one.title)
    return table
