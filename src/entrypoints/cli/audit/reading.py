from typing import Annotated
from uuid import UUID

import typer

from entrypoints.cli.audit.panels import READING
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

_POINT = "a time like 2026-05-04T12:00:00Z, 2026-05-04 or 2h ago, or a position"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer()


@app.command("events", hidden=True)
@app.command(
    rich_help_panel=READING,
    help=teach(
        "Page through the facts of the log.",
        """
        What is named restricts; a type may be the beginning of one: alert. or alert.raised. A date alone means its
        first moment, in UTC.

        With --json, one object a line: position, stream, version, type, user, cause, time, the fact and the SHA-256 of
        its stored bytes.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit log --reverse --limit 20",
            "plimsoll audit log --type alert. --type delivery. --from '2h ago'",
            "plimsoll audit log --user 0199… --from 2026-05-04 --to 2026-05-05",
            "plimsoll audit log --all --json | jq -r .type | sort | uniq -c",
        ),
    ),
)
def log(
    *,
    stream: Annotated[
        UUID | None, typer.Option(metavar="ID", help="Only of this user, signal, alert, delivery or intent.")
    ] = None,
    type: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only of this type; may be repeated.")
    ] = None,
    user: Annotated[UUID | None, typer.Option(metavar="ID", help="Only what belongs to this user.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="POINT", help=f"Begin with {_POINT}.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="POINT", help="End with the like.")] = None,
    correlation: Annotated[
        UUID | None, typer.Option(metavar="ID", help="Only what this request or job caused.")
    ] = None,
    after: Annotated[
        int | None, typer.Option(metavar="POSITION", min=0, help="Go on after this position.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="Show at most so many.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="Show all there are, however many.")] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="Show the newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """List facts."""
    from entrypoints.cli.audit.log import Asked, show_log

    asked = Asked(
        stream=stream,
        types=type or (),
        user=user,
        since=since,
        until=until,
        correlation=correlation,
        after=after,
        limit=None if everything else limit,
        reverse=reverse,
    )
    show_log(asked, as_json=as_json)


@app.command(
    rich_help_panel=READING,
    help=teach(
        "Tell why an alert fired or an intent acted, and what became of it, with the figures to check it by.",
        """
        From the observation (block number and hash, each input with its source and age, the rule's version) to the
        receipt of each delivery. The decisions behind it are made again from the stored facts; the exit status is 0
        only if they come out the same, byte for byte.

        With --onchain, a node of the chain is asked the same at the same block hash, and its answer is compared digit
        by digit. It takes an archive node for a block that is not new; what a node cannot answer is unknown, never the
        same, and the exit status says so.
        """,
        environment={
            **_WHERE,
            "PLIMSOLL_CHAINS__1__RPC_URL": "with --onchain: the node of chain 1; so for each other chain",
        },
        examples=(
            "plimsoll audit explain afd8c62d-…",
            "plimsoll audit explain 57",
            "plimsoll audit explain afd8c62d-… --onchain",
            "plimsoll audit explain afd8c62d-… --json | jq .reproduced",
        ),
    ),
)
def explain(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="The id of an alert or intent, or the log's position of any fact of theirs."
        ),
    ],
    onchain: Annotated[
        bool, typer.Option("--onchain", help="Ask a node of the chain the same again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explain."""
    from entrypoints.cli.audit.explain import explain as tell

    tell(id, onchain=onchain, as_json=as_json)
