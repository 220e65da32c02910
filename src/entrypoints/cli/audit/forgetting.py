from typing import Annotated

import typer

from entrypoints.cli.audit.panels import KEEPING
from entrypoints.cli.teaching import teach

_WHERE = {
    "DATABASE_URL": "the database that is to forget; without it the embedded one",
    "PLIMSOLL_SECRET_KEYS_FILE": "the keys that personal fields are sealed under",
}

app = typer.Typer()


@app.command(
    rich_help_panel=KEEPING,
    help=teach(
        "Destroy a user's key: nobody can read any more who they were, and the log still verifies.",
        """
        Mailbox, chat, wallet labels and what channels answered are sealed with a key for each user. With the key gone
        they read "(forgotten)" in the log, in its copies and in archives; sign-ins, tokens and codes are removed, and
        messages that still wait are withdrawn. That it was done is a fact itself. Wallet addresses stay: they are
        public, and what the evidence rests on. It cannot be undone, so it asks first unless told --yes.

        A backup of the table subject_keys brings keys back: after restoring one, run `audit forget --again`.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit forget 0199…",
            "plimsoll audit forget 0x7e5f4552091a69125d5dfcb7b8c2659029395bdf --yes --json",
            "plimsoll audit forget --again",
        ),
    ),
)
def forget(
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="The user's id, or the wallet that they sign in with."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Forget everybody anew whose key a backup brought back.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")] = False,
) -> None:
    """Forget."""
    from entrypoints.cli.audit.forget import forget_again, forget_user

    if (user is None) != again:
        raise typer.BadParameter("Name either a user or --again.")
    if user is None:
        forget_again(as_json=as_json)
    else:
        forget_user(user, yes=yes, as_json=as_json)
