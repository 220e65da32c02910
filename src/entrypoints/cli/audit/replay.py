from uuid import UUID

from application.audit.replaying.report import Difference, ReplayReport
from application.shared.ports import Place
from domain.shared.errors import Conflict
from domain.shared.ids import UserId
from entrypoints.cli.audit.kinds import id_given
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.replay_report import report_of
from entrypoints.cli.audit.work_shown import work_shown
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def replay_log(*, since: int, until: int | None, user: UUID | None, check: bool, as_json: bool) -> None:
    """Replay the log and report every difference; raises Conflict when there is one."""
    place = None if until is None else Place(until)
    named = id_given(user)
    whose = None if named is None else UserId(named)
    report = run(_replay(Place(since), place, whose, quiet=as_json or check))
    if as_json:
        print_json(report_of(report))
    elif not check:
        _print(report)
    if not report.identical:
        first = f" The first: {report.differences[0].sentence}" if check else ""
        places = f"{report.count} place{'s' * (report.count != 1)}"
        raise Conflict(f"The record differs from its replay in {places}.{first}")
    if check and not as_json:
        console().print(f"Nothing differs: {_figures(report)}.", style="good", soft_wrap=True)


async def _replay(since: Place, until: Place | None, user: UserId | None, *, quiet: bool) -> ReplayReport:
    async with ledger() as container:
        with work_shown("Replaying", quiet=quiet) as tell:
            return await container.replay()(since=since, until=until, user=user, progress=tell)


def _figures(report: ReplayReport) -> str:
    return (
        f"{report.facts} facts, {report.states} states, {report.memories} memories, "
        f"{report.fingerprints} fingerprints, {report.decisions} decisions"
    )


def _print(report: ReplayReport) -> None:
    screen = console()
    screen.print(
        f"Read {report.facts} facts up to position {report.until}; folded {report.streams} histories."
    )
    if report.states_compared:
        screen.print(f"Compared {report.states} stored rows with them, in both directions.")
    else:
        screen.print(
            f"Compared no stored rows: they stand at the log's end, beyond {report.until}.", style="low"
        )
    _print_memories(report)
    screen.print(f"Checked {report.fingerprints} fingerprints that were recorded with a state.")
    screen.print(f"Made {report.decisions} decisions again, and compared them byte for byte.")
    if report.pending:
        screen.print(
            f"{report.pending} decisions are not on record yet: the worker has not come that far.",
            style="low",
        )
    for one in report.differences:
        _print_difference(one)
    if report.count > len(report.differences):
        screen.print(f"  … and {report.count - len(report.differences)} more.", style="danger")
    if report.identical:
        screen.print("Nothing differs.", style="good")


def _print_memories(report: ReplayReport) -> None:
    screen = console()
    if report.followed is not None:
        screen.print(
            f"Compared {report.memories} rows of what the detectors remember, as of position {report.followed}, "
            "up to which they have followed the log."
        )
    elif report.states_compared:
        screen.print(
            "Compared nothing of what the detectors remember; what differs below says why.", style="low"
        )
    if report.stakes is not None:
        screen.print(f"Compared {report.stakes} rows of whose wallets were seen in which market.")


def _print_difference(difference: Difference) -> None:
    screen = console()
    screen.print(
        f"  {difference.kind.replace('_', ' ')}: {difference.sentence}", style="danger", markup=False
    )
    for one in difference.fields:
        if one.shown:
            screen.print(f"      {one.name}", markup=False)
            screen.print(f"        - stored    {one.stored}", style="danger", markup=False)
            screen.print(f"        + replayed  {one.replayed}", style="good", markup=False)
        else:
            screen.print(
                f"      {one.name} (not shown: it may tell who somebody is, or what they own)", style="quiet"
            )
