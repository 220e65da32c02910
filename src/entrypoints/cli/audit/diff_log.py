from dataclasses import dataclass
from shlex import join
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from application.audit.reading.diff_log import LogDiff
from application.audit.reading.diff_states import FieldChange
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from entrypoints.cli.audit.fields import field_line, shown, shown_name
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_point
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json

_NAMED: Final = 3
"""Fields of each state that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Between which moments, as somebody typed them, and which page of what changed."""

    since: str
    until: str | None
    after: int | None
    limit: int


def show_log_diff(kind: Kind | None, span: Between, *, as_json: bool) -> None:
    """Show every state that changed between two moments, a page at a time; raises Invalid."""
    diff = run(_all(kind, span))
    if as_json:
        print_json(_line(diff))
        return
    screen = console()
    screen.print(f"Between positions {diff.since} and {diff.until}:\n")
    for tally in diff.kinds:
        if tally.facts:
            facts = f"{tally.facts} fact{'s' * (tally.facts != 1)}"
            said = f"{tally.states} changed, {tally.new} of them new, by {facts}"
            screen.print(f"  {tally.kind:<10}{said}")
    if not any(tally.facts for tally in diff.kinds):
        screen.print("  nothing changed.")
    if diff.changes:
        screen.print("", _states(diff))
    if diff.more is not None:
        console(error=True).print(
            f"More follow: {_next(diff.more, kind, span)}", style="quiet", soft_wrap=True
        )


async def _all(kind: Kind | None, span: Between) -> LogDiff:
    since, until = read_point(span.since), None if span.until is None else read_point(span.until)
    async with ledger() as container:
        return await container.diff_log()(
            actor=None,
            since=since,
            until=until,
            kinds=tuple(Kind) if kind is None else (kind,),
            beyond=None if span.after is None else Place(span.after),
            limit=span.limit,
        )


def _line(diff: LogDiff) -> dict[str, Any]:
    return {
        "from": diff.since,
        "to": diff.until,
        "kinds": {
            one.kind: {"changed": one.states, "new": one.new, "facts": one.facts} for one in diff.kinds
        },
        "states": [
            {
                "kind": one.kind,
                "id": one.id,
                "new": one.new,
                "facts": one.facts,
                "first": one.first,
                "last": one.last,
                "changes": [field_line(change) for change in one.changes],
            }
            for one in diff.changes
        ],
        "next": diff.more,
    }


def _states(diff: LogDiff) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="figure", justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in diff.changes:
        told = f"  {_born(one.changes)}" if one.new else f"\n{_changed(one.changes)}"
        table.add_row(str(one.first), one.kind, Text.assemble((one.id, "quiet"), told))
    return table


def _born(changes: tuple[FieldChange, ...]) -> str:
    status = next((one.after for one in changes if one.name == "status"), None)
    return f"new, {status}" if status else "new"


def _changed(changes: tuple[FieldChange, ...]) -> str:
    told = [one for one in changes if one.name != "version"]
    first = "; ".join(
        f"{shown_name(one.name)}: {shown(one.before)} → {shown(one.after)}" for one in told[:_NAMED]
    )
    rest = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f"{first}{rest}" or "no field differs"


def _next(more: Place, kind: Kind | None, span: Between) -> str:
    named = [] if kind is None else [str(kind)]
    until = [] if span.until is None else ["--to", span.until]
    begun = ["plimsoll", "audit", "diff", *named, "--from", span.since, *until]
    return join([*begun, "--limit", str(span.limit), "--after", str(more)])
