from typing import Annotated

import typer

from entrypoints.cli.teaching import teach

_CHAIN = {"PLIMSOLL_CHAINS__1__RPC_URL": "the URL of a node of chain 1 (Ethereum); likewise for other chains"}
_DATABASE = {
    "DATABASE_URL": "the PostgreSQL to use, as a user who may create roles",
    "PLIMSOLL_SECRET_KEYS_FILE": "the keys that personal fields are sealed under, kept apart from that database",
}
_CHANNELS = {
    "PLIMSOLL_TELEGRAM__TOKEN": "the bot that delivers to Telegram",
    "PLIMSOLL_SMTP__HOST, __SENDER": "the mail server that delivers by e-mail (also __PORT, __USERNAME, __PASSWORD)",
}

UP_HELP = teach(
    "Run everything in one process: database, HTTP API and worker.",
    """
    On the embedded PostgreSQL, or on the server that DATABASE_URL names; the schema is brought up to date first.
    Ctrl-C ends it in good order, and nothing that was under way is lost.
    """,
    environment={
        **_CHAIN,
        "PLIMSOLL_DATA_DIR": "where the embedded PostgreSQL keeps its data (~/.plimsoll)",
        "DATABASE_URL": "a server of your own instead",
        **_CHANNELS,
    },
    examples=("PLIMSOLL_CHAINS__1__RPC_URL=http://127.0.0.1:8545 plimsoll up", "plimsoll up --port 8080"),
)
SERVE_HELP = teach(
    "Run the HTTP API alone; start as many as you need.",
    "The schema has to be up to date: run `plimsoll db migrate` first. /readyz says what is missing.",
    environment={
        **_DATABASE,
        **_CHAIN,
        "PLIMSOLL_HTTP__PUBLIC_URL": "the URL that people know, for signing in",
    },
    examples=("DATABASE_URL=postgresql://… plimsoll serve --host 0.0.0.0",),
)
WORK_HELP = teach(
    "Run a worker alone: it watches chains, decides, and delivers; start as many as you need.",
    "The schema has to be up to date: run `plimsoll db migrate` first.",
    environment={**_DATABASE, **_CHAIN, **_CHANNELS},
    examples=("DATABASE_URL=postgresql://… plimsoll work",),
)

Host = Annotated[
    str | None, typer.Option(metavar="HOST", help="Listen on this address.", show_default="127.0.0.1")
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", "-p", metavar="PORT", min=0, max=65_535, help="Listen here; 0 for any.", show_default="8000"
    ),
]


def up(host: Host = None, port: Port = None) -> None:
    """Run everything."""
    from entrypoints.cli.run.processes import run_up

    run_up(host, port)


def serve(host: Host = None, port: Port = None) -> None:
    """Run the HTTP server."""
    from entrypoints.cli.run.processes import run_serve

    run_serve(host, port)


def work() -> None:
    """Run a worker."""
    from entrypoints.cli.run.processes import run_work

    run_work()
