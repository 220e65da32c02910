from typing import Annotated

import typer

from entrypoints.cli.audit.evidence import app as evidence
from entrypoints.cli.audit.panels import PROVING
from entrypoints.cli.audit.reading import app as reading
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer(
    name="audit",
    no_args_is_help=True,
    help=teach(
        "Ask the event log what happened, and have every decision made again.",
        environment=_WHERE,
        examples=(
            "plimsoll audit log --type alert.",
            "plimsoll audit explain afd8c62d-…",
            "plimsoll audit verify",
        ),
    ),
)

checking = typer.Typer()


@checking.command(
    rich_help_panel=PROVING,
    help=teach(
        "Make every decision again from the stored facts, and compare byte for byte.",
        """
        Every stored state is compared with the fold of its history, and every signal, alert and delivery is decided
        again from what was observed. The exit status is 0 only if nothing differs.
        """,
        environment=_WHERE,
        examples=("plimsoll audit replay", "plimsoll audit replay --json | jq .identical"),
    ),
)
def replay(
    since: Annotated[
        int, typer.Option(metavar="PLACE", min=0, help="Report differences after this place.")
    ] = 0,
    until: Annotated[
        int | None,
        typer.Option(metavar="PLACE", min=1, help="Go no further than this.", show_default="the end"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay."""
    from entrypoints.cli.audit.replay import replay_log

    replay_log(since=since, until=until, as_json=as_json)


for commands in (reading, checking, evidence):
    app.add_typer(commands)
