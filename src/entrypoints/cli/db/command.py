from typing import Annotated

import typer

from entrypoints.cli.teaching import teach

_WHERE = {
    "DATABASE_URL": "a server of your own, as a user who may create roles; without it the embedded one is used",
    "PLIMSOLL_DATA_DIR": "where the embedded PostgreSQL keeps its data (~/.plimsoll)",
}

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]

app = typer.Typer(
    name="db",
    no_args_is_help=True,
    help=teach(
        "Make and look after the database.",
        environment=_WHERE,
        examples=("plimsoll db migrate", "plimsoll db status --json", "plimsoll db seed 0x…"),
    ),
)


@app.command(
    help=teach(
        "Bring the schema up to date.",
        "All steps are one transaction: if one fails, nothing has changed. Running it again does nothing.",
        environment=_WHERE,
        examples=("plimsoll db migrate", "DATABASE_URL=postgresql://… plimsoll db migrate --json"),
    )
)
def migrate(
    target: Annotated[
        str, typer.Option("--to", metavar="REVISION", help="Go no further than this.")
    ] = "head",
    as_json: AsJson = False,
) -> None:
    """Migrate."""
    from entrypoints.cli.db.schema import migrate as migrate_schema

    migrate_schema(target, as_json=as_json)


@app.command(
    help=teach(
        "Take the newest steps of the schema back.",
        "What those steps had made is removed with everything stored in it.",
        environment=_WHERE,
        examples=("plimsoll db rollback", "plimsoll db rollback --steps 2 --yes"),
    )
)
def rollback(
    steps: Annotated[int, typer.Option(metavar="N", min=1, help="How many steps.")] = 1,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Roll back."""
    from entrypoints.cli.db.schema import rollback as rollback_schema

    rollback_schema(steps, yes=yes, as_json=as_json)


@app.command(
    help=teach(
        "Remove everything that Plimsoll stored, and make the schema anew.",
        "Every user, alert and fact is gone for ever, so it asks first unless told --yes.",
        environment=_WHERE,
        examples=("plimsoll db fresh", "plimsoll db fresh --yes"),
    )
)
def fresh(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin anew."""
    from entrypoints.cli.db.schema import fresh as fresh_schema

    fresh_schema(yes=yes, as_json=as_json)


@app.command(
    help=teach(
        "Say which steps the schema has been through, and which are still to come.",
        "The exit status is 0 either way; `--json` says how many steps are pending.",
        environment=_WHERE,
        examples=("plimsoll db status", "plimsoll db status --json | jq .pending"),
    )
)
def status(as_json: AsJson = False) -> None:
    """Show the status."""
    from entrypoints.cli.db.schema import status as schema_status

    schema_status(as_json=as_json)


@app.command(
    help=teach(
        "Register a user for trying things out, and print a token for the HTTP API.",
        """
        The account is opened for the wallet that you name, without its signature: whoever may run this command owns
        the database anyway. Without an address a new key is made and printed; it holds nothing.
        """,
        environment=_WHERE,
        examples=("plimsoll db seed 0x…", "plimsoll db seed --json | jq -r .token"),
    )
)
def seed(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="The wallet to watch.", show_default="a new one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seed."""
    from entrypoints.cli.db.seed import seed as seed_user

    seed_user(address, as_json=as_json)


@app.command(
    name="rotate-keys",
    help=teach(
        "Encrypt every user's key by the newest of the secret keys.",
        """
        To change the secret key, put a new line first in the key file, restart what runs, run this, and take the old
        line out. It may run while Plimsoll serves, and be run again; no personal field is sealed anew for it.
        """,
        environment={
            **_WHERE,
            "PLIMSOLL_SECRET_KEYS_FILE": "lines of name:base64, newest first; the embedded database has secrets.key",
        },
        examples=("plimsoll db rotate-keys", "plimsoll db rotate-keys --json | jq .wrapped_anew"),
    ),
)
def rotate_keys(as_json: AsJson = False) -> None:
    """Rotate the keys."""
    from entrypoints.cli.db.rotation import rotate_keys as rotate

    rotate(as_json=as_json)
