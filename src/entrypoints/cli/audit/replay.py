from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from application.audit.report import ReplayReport
from application.shared.ports import Place
from domain.shared.errors import Conflict
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def replay_log(*, since: int, until: int | None, as_json: bool) -> None:
    """Replay the log and report every difference; raises Conflict when there is one."""
    report = run(_replay(Place(since), None if until is None else Place(until), quiet=as_json))
    if as_json:
        print_json(report_of(report))
    else:
        _print(report)
    if not report.identical:
        count = len(report.differences)
        raise Conflict(f"The record differs from its replay in {count} place{'s' * (count != 1)}.")


async def _replay(since: Place, until: Place | None, *, quiet: bool) -> ReplayReport:
    columns = (
        TextColumn("Replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("facts"),
        TimeElapsedColumn(),
    )
    async with ledger() as container:
        with Progress(*columns, console=console(error=True), transient=True, disable=quiet) as progress:
            task = progress.add_task("replay", total=None)

            def tell(place: Place, last: Place) -> None:
                progress.update(task, completed=place, total=last)

            return await container.replay()(since=since, until=until, progress=tell)


def report_of(report: ReplayReport) -> dict[str, Any]:
    """Return a report as a program reads it."""
    return {
        "identical": report.identical,
        "since": report.since,
        "until": report.until,
        "facts": report.facts,
        "streams": report.streams,
        "states": report.states,
        "decisions": report.decisions,
        "pending": report.pending,
        "differences": [
            {
                "kind": one.kind,
                "id": None if one.id is None else str(one.id),
                "place": one.place,
                "sentence": one.sentence,
            }
            for one in report.differences
        ],
    }


def _print(report: ReplayReport) -> None:
    screen = console()
    screen.print(f"Read {report.facts} facts in {report.streams} streams, up to place {report.until}.")
    screen.print(f"Compared {report.states} stored states with their histories.")
    screen.print(f"Made {report.decisions} decisions again, and compared them byte for byte.")
    if report.pending:
        screen.print(
            f"{report.pending} decisions are not on record yet: the worker has not come that far.",
            style="low",
        )
    for one in report.differences:
        screen.print(f"  {one.kind.replace('_', ' ')}: {one.sentence}", style="danger", markup=False)
    if report.identical:
        screen.print("Nothing differs.", style="good")
