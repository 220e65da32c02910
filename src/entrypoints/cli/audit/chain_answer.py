from typing import Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from application.audit.explaining.ask_chain import ChainAnswer, Verdict
from entrypoints.cli.audit.fields import field_line, shown, shown_name

_STYLES: Final = {Verdict.SAME: "good", Verdict.DIFFERS: "danger", Verdict.UNKNOWN: "unknown"}


def answer_line(answer: ChainAnswer) -> dict[str, Any]:
    """Return what a node said as a program reads it; `differences` are from the record to the node's answer."""
    return {
        "verdict": answer.verdict,
        "chain_id": answer.chain_id,
        "block_number": answer.block_number,
        "block_hash": answer.block_hash,
        "compared": answer.compared,
        "differences": [field_line(one) for one in answer.differences],
        "reason": answer.reason,
    }


def drawn_answer(answer: ChainAnswer | None) -> Group:
    """Draw what a node said when it was asked again; None when there was nothing to ask."""
    if answer is None:
        return Group("", Text("Nothing was read from the chain for it, so there is nothing to ask.", "quiet"))
    asked = f"The node of chain {answer.chain_id}, asked again at block {answer.block_number} "
    lines = [Text.assemble("\n", asked, (f"({answer.block_hash[:10]}…)", "quiet"), ":")]
    style = _STYLES[answer.verdict]
    match answer.verdict:
        case Verdict.SAME:
            lines.append(Text(f"All {answer.compared} figures are the same, to the last digit.", style))
        case Verdict.DIFFERS:
            some = f"{len(answer.differences)} of {answer.compared} figures differ."
            lines.append(Text(answer.reason or some, style))
        case Verdict.UNKNOWN:
            lines.append(Text(f"Unknown: {answer.reason}", style))
    if not answer.differences:
        return Group(*lines)
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in ("quiet", "figure", "danger"):
        table.add_column(style=column, overflow="fold")
    table.add_row(Text("figure", "bold"), Text("on record", "bold"), Text("the node says", "bold"))
    for one in answer.differences:
        table.add_row(shown_name(one.name), shown(one.before), shown(one.after))
    return Group(*lines, table)
