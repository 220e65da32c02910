from typing import Annotated

import typer

from entrypoints.cli.teaching import teach
from entrypoints.cli.terminal import console

HELP = teach(
    "Watch the whole product work, on real parts and in a minute.",
    """
    Starts an embedded PostgreSQL, a local EVM node with the real contracts of Aave v3, the HTTP API and a worker; two
    people sign in and are told, by Telegram and e-mail servers on this machine, as the ETH price falls. One acts, the
    other is liquidated, and a replay then makes every decision again from the log. Nothing is kept, and nothing of
    yours is touched. It stays up for you to look around until Ctrl-C.

    With --once it ends by itself; the exit status is 0 only if all that it promises was seen.
    """,
    environment={"PLIMSOLL_NODE_MODULES": "where `npm install` put the node's packages (node_modules)"},
    examples=("plimsoll demo", "plimsoll demo --once --json | jq .replay"),
)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the story is told.")] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="With --once: print a summary as JSON; the story goes to standard error."
        ),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            "-p",
            metavar="PORT",
            min=0,
            max=65_535,
            help="Serve HTTP here; 0 for any.",
            show_default="8000 or the next that is free",
        ),
    ] = None,
) -> None:
    """Play the demo."""
    if as_json and not once:
        raise typer.BadParameter("it needs --once: a demo that stays up has no summary.", param_hint="--json")
    console(error=as_json).print("Plimsoll watches a real position fall", style="bold")
    from entrypoints.cli.demo.perform import demonstrate

    demonstrate(once=once, as_json=as_json, port=port)
