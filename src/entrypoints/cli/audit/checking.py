from typing import Annotated
from uuid import UUID

import typer

from entrypoints.cli.audit.panels import KEEPING, PROVING
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer()


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Fold the log again and make every decision again, and compare with the record.",
        """
        Every fact is written again and compared with its stored bytes, every state is folded into a scratch schema and
        its table compared row by row, every fingerprint that was recorded with a state is compared with the state's,
        and every signal, alert and delivery is decided again from what was observed, and compared byte for byte. The
        exit status is 0 only if nothing differs. State tables stand where the log ends: with --to, they are compared
        only if it names the end.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit replay",
            "plimsoll audit replay --user 0199…",
            "plimsoll audit replay --check && echo sound",
            "plimsoll audit replay --json | jq .identical",
        ),
    ),
)
def replay(
    since: Annotated[
        int,
        typer.Option("--from", metavar="POSITION", min=0, help="Report what was caused after this position."),
    ] = 0,
    until: Annotated[
        int | None,
        typer.Option(
            "--to", metavar="POSITION", min=1, help="Go no further than this.", show_default="the end"
        ),
    ] = None,
    user: Annotated[UUID | None, typer.Option(metavar="ID", help="Only what belongs to this user.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Print the verdict alone, on one line.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replay."""
    from entrypoints.cli.audit.replay import replay_log

    replay_log(since=since, until=until, user=user, check=check, as_json=as_json)


@app.command(
    rich_help_panel=KEEPING,
    help=teach(
        "Build state tables anew from the log beside the old ones, then switch, while everything runs.",
        """
        KIND is user, signal, alert, delivery, intent, operator, or all. Nobody stops reading; writers wait for the
        moment of the switch. A run that was killed leaves the old version in service, and the next one goes on where it
        was; --drop removes what is half built instead.
        """,
        environment=_WHERE,
        examples=("plimsoll audit rebuild all", "plimsoll audit rebuild alert --drop"),
    ),
)
def rebuild(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What to rebuild, or all.")],
    drop: Annotated[bool, typer.Option("--drop", help="Remove what an earlier run left half built.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild."""
    from entrypoints.cli.audit import rebuild as command

    command.rebuild(kind, drop=drop, as_json=as_json)
