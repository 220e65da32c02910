from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from application.audit.reading.diff_positions import PositionDiff
from application.audit.reading.position_as_of import PositionThen
from domain.shared.chain import address, short
from entrypoints.cli.audit.diff_log import Between
from entrypoints.cli.audit.fields import field_line, shown, shown_name
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_point
from entrypoints.cli.audit.position_then import position_line
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def show_position_diff(wallet: str, span: Between, *, as_json: bool) -> None:
    """Show what changed of what a wallet owned and owed between two moments; raises Invalid and NotFound."""
    found = run(_diffs(wallet, span))
    if as_json:
        print_json({"kind": "position", "markets": [_line(one) for one in found]})
    else:
        console().print(Group(*(_drawn(one) for one in found)))


async def _diffs(wallet: str, span: Between) -> Sequence[PositionDiff]:
    named, since = address(wallet), read_point(span.since)
    until = None if span.until is None else read_point(span.until)
    async with ledger() as container:
        return await container.diff_positions()(actor=None, wallet=named, since=since, until=until)


def _line(diff: PositionDiff) -> dict[str, object]:
    return {
        "before": None if diff.before is None else position_line(diff.before),
        "after": position_line(diff.after),
        "changes": [field_line(one) for one in diff.changes],
    }


def _drawn(diff: PositionDiff) -> Group:
    seen = diff.after.sighting
    title = f"{short(seen.seen.wallet)} in the market {short(seen.market)} of chain {seen.chain_id}"
    where = f"before: {_where(diff.before)}; after: {_where(diff.after)}"
    if not diff.changes:
        return Group(Text(title, "bold"), Text(where, "quiet"), "Nothing changed.\n")
    table = Table.grid(padding=(0, 2, 0, 0))
    for style in ("quiet", "danger", "good"):
        table.add_column(style=style, overflow="fold")
    for one in diff.changes:
        table.add_row(shown_name(one.name), shown(one.before), shown(one.after))
    return Group(Text(title, "bold"), Text(where, "quiet"), table, "")


def _where(then: PositionThen | None) -> str:
    if then is None:
        return "never seen"
    seen = then.sighting
    return f"{then.status}, read in block {seen.block.number} (position {seen.place})"
