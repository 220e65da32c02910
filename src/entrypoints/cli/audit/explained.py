from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from application.audit.explaining.explanation import Explanation, InputUsed, IntentExplanation, Remade, Step
from application.audit.reading.summary import terms_of
from entrypoints.cli.audit.moment import written


def line_of(told: Explanation | IntentExplanation) -> dict[str, Any]:
    """Return an explanation as a program reads it."""
    said = _alert(told) if isinstance(told, Explanation) else _intent(told)
    return {
        **said,
        "reproduced": told.reproduced,
        "obstacle": told.obstacle,
        "decisions": [_remade(one) for one in told.remade],
        "steps": [_step(one) for one in told.steps],
    }


def _alert(told: Explanation) -> dict[str, Any]:
    return {
        "alert_id": told.alert.id,
        "user_id": told.alert.user_id,
        "type": told.alert.type,
        "severity": told.alert.severity,
        "status": told.alert.status,
        "message": told.alert.message,
        "rule_version": told.alert.rule_version,
        "decided_at": written(told.decided_at),
        "inputs": [_input(one) for one in told.inputs],
    }


def _intent(told: IntentExplanation) -> dict[str, Any]:
    return {
        "intent_id": told.intent.id,
        "user_id": told.intent.user_id,
        "status": told.intent.status,
        "policies": [{"policy": one.policy, "agrees": one.agrees, "said": one.said} for one in told.policies],
    }


def _input(one: InputUsed) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "source": one.source,
        "as_of": None if one.as_of is None else written(one.as_of),
        "age_seconds": None if one.age is None else one.age.total_seconds(),
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


def drawn(told: Explanation | IntentExplanation) -> Group:
    """Draw an explanation: what it is about, what it was decided from, the story, and the proof."""
    if isinstance(told, Explanation):
        title = Text(f"Alert {told.alert.id} ({told.alert.status})")
        head, middle = told.alert.message, list(_inputs(told.inputs))
    else:
        title = Text(f"Intent {told.intent.id} ({told.intent.status})")
        head, middle = terms_of(told.intent.terms), list(_policies(told))
    panel = Panel(Text(head), title=title, title_align="left")
    return Group(panel, "", *middle, _story(told.steps), _proof(told))


def _inputs(inputs: Sequence[InputUsed]) -> Iterator[RenderableType]:
    """Draw figures under the sources that they share."""
    if not inputs:
        return
    yield Text("What it was decided from", "bold")
    groups: dict[tuple[str, datetime | None], list[InputUsed]] = {}
    for one in inputs:
        groups.setdefault((one.source, one.as_of), []).append(one)
    for (source, _), among in groups.items():
        yield Padding(Text(f"{source}; {_aged(among[0].age)}:", "quiet"), (0, 0, 0, 2))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(style="figure", overflow="fold")
        for one in among:
            table.add_row(one.name, one.value)
        yield Padding(table, (0, 0, 0, 4))
    yield ""


def _policies(told: IntentExplanation) -> Iterator[RenderableType]:
    yield Text("The policies, asked again", "bold")
    for one in told.policies:
        mark, style = {True: ("✓", "good"), False: ("✗", "danger"), None: ("?", "unknown")}[one.agrees]
        yield Text.assemble((f"  {mark} ", style), f"{one.policy}: ", (one.said, "quiet"))
    yield ""


def _story(steps: Sequence[Step]) -> Table:
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(style="quiet", no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    day = ""
    for step in steps:
        text = Text(step.what)
        for name, value in step.figures:
            text.append(f"\n{name}: ", "quiet").append(value, "figure")
        today = f"{step.at:%Y-%m-%d}"
        time = f"{step.at:%H:%M:%S}" if today == day else f"{step.at:%H:%M:%S}\n{today}"
        day = today
        table.add_row(time, "" if step.place is None else str(step.place), text)
    return table


def _proof(told: Explanation | IntentExplanation) -> Text:
    proof = Text()
    for one in told.remade:
        mark = ("✓ ", "good") if one.reproduced else ("✗ ", "danger")
        proof.append_text(Text.assemble(mark, one.type, (f"  sha256 {one.recorded_sha256[:16]}…\n", "quiet")))
    if not told.reproduced:
        verdict = told.obstacle or "Decided again from the stored facts, something came out otherwise."
        return proof.append(verdict, "danger")
    if any(one.agrees is None for one in getattr(told, "policies", ())):
        unsaid = "Decided again as far as the facts tell, everything came out the same, byte for byte."
        return proof.append(unsaid, "good")
    return proof.append(
        "Decided again from the stored facts, everything came out the same, byte for byte.", "good"
    )


def _aged(age: timedelta | None) -> str:
    if age is None:
        return "of an age that is not on record"
    seconds = age.total_seconds()
    side = "before the decision" if seconds >= 0 else "after the decision, by the clocks"
    return f"{_span(abs(seconds))} {side}"


def _span(seconds: float) -> str:
    for unit, size, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            rest = int(seconds % size // part)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{int(seconds)} s" if seconds >= 1 or not seconds else f"{seconds * 1000:.0f} ms"
