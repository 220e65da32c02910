from typing import Any
from uuid import UUID

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from application.audit.explanation import Explanation, Remade, Step
from domain.shared.errors import Conflict
from domain.shared.ids import AlertId
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def explain_alert(alert_id: UUID, *, as_json: bool) -> None:
    """Tell an alert's story from the log; raises NotFound, and Conflict when it does not come out the same again."""
    told = run(_explanation(AlertId(alert_id)))
    if as_json:
        print_json(_story(told))
    else:
        console().print(_drawn(told))
    if not told.reproduced:
        raise Conflict(
            told.obstacle or "The decisions on record are not those that the stored facts lead to."
        )


async def _explanation(alert_id: AlertId) -> Explanation:
    async with ledger() as container:
        return await container.explain_alert()(actor=None, alert_id=alert_id)


def _story(told: Explanation) -> dict[str, Any]:
    return {
        "alert_id": str(told.alert.id),
        "user_id": str(told.alert.user_id),
        "type": told.alert.type,
        "severity": told.alert.severity,
        "status": told.alert.status,
        "message": told.alert.message,
        "reproduced": told.reproduced,
        "obstacle": told.obstacle,
        "decisions": [_remade(one) for one in told.remade],
        "steps": [_step(one) for one in told.steps],
    }


def _remade(one: Remade) -> dict[str, Any]:
    return {
        "type": one.type,
        "reproduced": one.reproduced,
        "recorded_sha256": one.recorded_sha256,
        "remade_sha256": one.remade_sha256,
    }


def _step(one: Step) -> dict[str, Any]:
    figures = [{"name": name, "value": value} for name, value in one.figures]
    return {"at": written(one.at), "place": one.place, "what": one.what, "figures": figures}


def _drawn(told: Explanation) -> Group:
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for step in told.steps:
        place = "" if step.place is None else str(step.place)
        text = Text(step.what)
        for name, value in step.figures:
            text.append(f"\n{name}: ", "quiet").append(value, "figure")
        table.add_row(Text(f"{step.at:%H:%M:%S}", "quiet"), Text(place, "quiet"), text)
    proof = Text()
    for one in told.remade:
        mark = ("✓ ", "good") if one.reproduced else ("✗ ", "danger")
        proof.append_text(Text.assemble(mark, one.type, (f"  sha256 {one.recorded_sha256[:16]}…\n", "quiet")))
    verdict = "Decided again from the stored facts, everything came out the same, byte for byte."
    if not told.reproduced:
        verdict = told.obstacle or "Decided again from the stored facts, something came out otherwise."
    proof.append(verdict, "good" if told.reproduced else "danger")
    title = Text(f"Alert {told.alert.id} ({told.alert.status})")
    return Group(Panel(Text(told.alert.message), title=title, title_align="left"), "", table, proof)
