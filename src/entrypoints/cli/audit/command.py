from typing import Annotated
from uuid import UUID

import typer

from entrypoints.cli.audit.evidence import app as evidence
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer(
    name="audit",
    no_args_is_help=True,
    help=teach(
        "Ask the event log what happened, and have every decision made again.",
        environment=_WHERE,
        examples=("plimsoll audit replay", "plimsoll audit explain afd8c62d-…"),
    ),
)


@app.command(
    help=teach(
        "List the log's facts in their order.",
        "With --json, one object a line: place, stream, version, type, user, time, the fact and its bytes' SHA-256.",
        environment=_WHERE,
        examples=("plimsoll audit events --limit 50", "plimsoll audit events --after 1000 --json | jq .type"),
    )
)
def events(
    after: Annotated[
        int, typer.Option(metavar="PLACE", min=0, help="Begin after this place in the log.")
    ] = 0,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Show at most so many.", show_default="all")
    ] = None,
    user: Annotated[UUID | None, typer.Option(metavar="ID", help="Only what belongs to this user.")] = None,
    as_json: AsJson = False,
) -> None:
    """List facts."""
    from entrypoints.cli.audit.events import list_events

    list_events(after=after, limit=limit, user=user, as_json=as_json)


@app.command(
    help=teach(
        "Make every decision again from the stored facts, and compare byte for byte.",
        """
        Every stored state is compared with the fold of its history, and every signal, alert and delivery is decided
        again from what was observed. The exit status is 0 only if nothing differs.
        """,
        environment=_WHERE,
        examples=("plimsoll audit replay", "plimsoll audit replay --json | jq .identical"),
    )
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


@app.command(
    name="as-of",
    help=teach(
        "Show what something was at a place of the log, or at a moment.",
        "The answer is folded from the log alone; no state table is read.",
        environment=_WHERE,
        examples=(
            "plimsoll audit as-of alert afd8c62d-… --time 2026-05-04T12:00:00Z",
            "plimsoll audit as-of user 0199… --place 120 --json",
        ),
    ),
)
def as_of(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="user, signal, alert, delivery or intent.")],
    id: Annotated[UUID, typer.Argument(metavar="ID", help="Its id.")],
    place: Annotated[
        int | None, typer.Option(metavar="PLACE", min=1, help="At this place of the log.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="At this moment, as 2026-05-04T12:00:00Z.", show_default="now"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Travel in time."""
    from entrypoints.cli.audit.as_of import show_state

    show_state(kind, id, place=place, time=time, as_json=as_json)


@app.command(
    help=teach(
        "Tell why an alert fired and what became of it, with the figures to check it by.",
        """
        The decisions behind it are made again from the stored facts; the exit status is 0 only if they come out the
        same, byte for byte.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit explain afd8c62d-…",
            "plimsoll audit explain afd8c62d-… --json | jq .reproduced",
        ),
    )
)
def explain(
    alert_id: Annotated[UUID, typer.Argument(metavar="ALERT_ID", help="The alert's id.")],
    as_json: AsJson = False,
) -> None:
    """Explain."""
    from entrypoints.cli.audit.explain import explain_alert

    explain_alert(alert_id, as_json=as_json)


app.add_typer(evidence)
