from collections.abc import Sequence
from pathlib import Path

from rich.progress import Progress, TextColumn, TimeElapsedColumn

from application.audit.proving.finding import Anchored, Verification
from application.shared.ports import Place
from domain.shared.errors import Conflict, Invalid
from entrypoints.cli.audit.export import verify_export
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.audit.trust import keys_in
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def verify_log(
    *, from_seal: int | None, archive: Path | None, public_keys: Sequence[Path], as_json: bool
) -> None:
    """Hash the log again and report the first thing wrong with it; raises Conflict when there is one."""
    if archive is not None and from_seal is not None:
        raise Invalid("An export is verified as a whole: leave --from-seal out.")
    if archive is not None:
        report = verify_export(archive, public_keys=public_keys, quiet=as_json)
    else:
        report = run(_verify(from_seal, public_keys, quiet=as_json))
    if as_json:
        print_json(
            {
                "untouched": report.untouched,
                "since": report.since,
                "until": report.until,
                "facts": report.facts,
                "commits": report.commits,
                "seals": report.seals,
                "sealed_until": report.sealed_until,
                "anchored": {
                    "last_seal": report.anchored.last,
                    "stamps": report.anchored.stamps,
                    "last_stamped": report.anchored.stamped,
                    "stamped_at": report.anchored.stamped_at and written(report.anchored.stamped_at),
                },
                "findings": [
                    {"kind": one.kind, "position": one.place, "sentence": one.sentence}
                    for one in report.findings
                ],
            }
        )
    else:
        _print(report)
    if not report.untouched:
        raise Conflict(f"The log is not what was recorded. {report.findings[0].sentence}")


async def _verify(from_seal: int | None, public_keys: Sequence[Path], *, quiet: bool) -> Verification:
    columns = (TextColumn("Hashing again: position {task.completed}"), TimeElapsedColumn())
    async with ledger() as container:
        trusted = {"keys": keys_in(public_keys)} if public_keys else {}
        with Progress(*columns, console=console(error=True), transient=True, disable=quiet) as progress:
            task = progress.add_task("verify", total=None)

            def tell(place: Place) -> None:
                progress.update(task, completed=place)

            return await container.verify_log(**trusted)(from_seal=from_seal, progress=tell)


def _print(report: Verification) -> None:
    screen = console()
    screen.print(
        f"Hashed {report.facts} events in {report.commits} commits again, from position {report.since + 1}."
    )
    seals = "1 seal holds" if report.seals == 1 else f"{report.seals} seals hold"
    sealed = f"{seals}, up to position {report.sealed_until}."
    screen.print(sealed if report.seals else "No seal that holds covers the log.")
    if report.anchored.last:
        _print_anchored(report.anchored, report.seals)
    for one in report.findings:
        screen.print(f"  {one.sentence}", style="danger", markup=False)
    if report.untouched:
        screen.print(f"The log up to position {report.until} is what was recorded.", style="good")


def _print_anchored(anchored: Anchored, seals: int) -> None:
    screen = console()
    if anchored.stamped_at is not None:
        screen.print(
            f"{anchored.stamps} seals bear the stamp of an authority, the last seal {anchored.stamped} of "
            f"{written(anchored.stamped_at)}."
        )
    if anchored.last < seals:
        screen.print(f"Seal {seals} is not anchored outside the database yet; seal {anchored.last} is.")
