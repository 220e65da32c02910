from typing import Annotated

import typer

from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose users these are; without it the embedded one"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]
Who = Annotated[
    str, typer.Argument(metavar="USER", help="The user's id, or the wallet that they sign in with.")
]

app = typer.Typer(
    name="operators",
    no_args_is_help=True,
    help=teach(
        "Say who may read everybody's audit over HTTP.",
        "An operator reads, and changes nothing; each look at somebody else's audit is a fact in the log.",
        environment=_WHERE,
        examples=("plimsoll audit operators list", "plimsoll audit operators add 0199…"),
    ),
)


@app.command(
    help=teach(
        "Let a user read everybody's audit from now on; the appointment is a fact in the log.",
        environment=_WHERE,
        examples=(
            "plimsoll audit operators add 0199…",
            "plimsoll audit operators add 0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
        ),
    )
)
def add(user: Who, as_json: AsJson = False) -> None:
    """Appoint."""
    from entrypoints.cli.audit.operating import appoint

    appoint(user, as_json=as_json)


@app.command(
    help=teach(
        "Take it back; the next request that they send is refused already.",
        environment=_WHERE,
        examples=("plimsoll audit operators remove 0199…",),
    )
)
def remove(user: Who, as_json: AsJson = False) -> None:
    """Dismiss."""
    from entrypoints.cli.audit.operating import dismiss

    dismiss(user, as_json=as_json)


@app.command(
    name="list",
    help=teach(
        "List those who are operators now.",
        environment=_WHERE,
        examples=("plimsoll audit operators list --json | jq '.operators[].user_id'",),
    ),
)
def list_all(as_json: AsJson = False) -> None:
    """List."""
    from entrypoints.cli.audit.operating import show_operators

    show_operators(as_json=as_json)
