from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from application.audit.reading.diff_states import StateDiff
from application.audit.reading.summary import summary
from application.audit.replaying.fold import Kind
from domain.shared.errors import Invalid
from entrypoints.cli.audit.diff_log import Between, show_log_diff
from entrypoints.cli.audit.diff_position import show_position_diff
from entrypoints.cli.audit.fields import field_line, shown, shown_name
from entrypoints.cli.audit.kinds import POSITION, id_typed, read_kind
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_point, written
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def show_diff(kind: str | None, id: str | None, span: Between, *, as_json: bool) -> None:
    """Show what changed between two moments, of one thing or of all; raises Invalid and NotFound."""
    named = None if kind is None else read_kind(kind, POSITION)
    if named == POSITION:
        if id is None:
            raise Invalid("Name the wallet whose position you mean.")
        show_position_diff(id, span, as_json=as_json)
        return
    told = None if named is None else Kind(named)
    if id is None:
        show_log_diff(told, span, as_json=as_json)
    elif told is None:
        raise Invalid("Name the kind of thing before its id.")
    else:
        diff = run(_one(told, id, span))
        if as_json:
            print_json(_line(diff))
        else:
            console().print(_drawn(diff))


async def _one(kind: Kind, id: str, span: Between) -> StateDiff:
    named, since = id_typed(id), read_point(span.since)
    until = None if span.until is None else read_point(span.until)
    async with ledger() as container:
        return await container.diff_states()(actor=None, kind=kind, id=named, since=since, until=until)


def _line(diff: StateDiff) -> dict[str, Any]:
    facts = [
        {"position": one.place, "type": one.type, "recorded_at": written(one.recorded_at)}
        for one in diff.facts
    ]
    return {
        "kind": diff.kind,
        "id": diff.id,
        "from": diff.since,
        "to": diff.until,
        "new": diff.before is None,
        "changes": [field_line(one) for one in diff.changes],
        "facts": facts,
        "fact_count": diff.count,
    }


def _drawn(diff: StateDiff) -> Group:
    where = f"between positions {diff.since} and {diff.until}"
    if not diff.count:
        return Group(f"Nothing happened to the {diff.kind} {where}.")
    fields = Table.grid(padding=(0, 2, 0, 0))
    for style in ("quiet", "danger", "good"):
        fields.add_column(style=style, overflow="fold")
    fields.add_row(Text("field", "bold"), Text("before", "bold"), Text("after", "bold"))
    for one in diff.changes:
        fields.add_row(shown_name(one.name), shown(one.before), shown(one.after))
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="figure", justify="right")
    facts.add_column(style="quiet", no_wrap=True)
    facts.add_column(overflow="fold")
    for fact in diff.facts:
        told = Text.assemble(fact.type.rpartition(".")[0], (f"  {summary(fact.fact)}", "quiet"))
        facts.add_row(str(fact.place), f"{fact.recorded_at:%Y-%m-%d %H:%M:%S}", told)
    more = diff.count - len(diff.facts)
    rest = [Text(f"… and {more} more: plimsoll audit log --stream {diff.id}", "quiet")] if more else []
    news = "came to be" if diff.before is None else "changed"
    return Group(
        f"The {diff.kind} {diff.id} {news} {where}.\n", fields, "\nThe facts that did it:\n", facts, *rest
    )
