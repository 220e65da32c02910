from typing import Annotated

import typer

from entrypoints.cli.teaching import teach

HELP = teach(
    "Show wallets' lending positions live; needs no database.",
    """
    Health factor, collateral, debt, loan to value, the price of each asset at which the position becomes
    liquidatable, and each asset's part, all read from the chain at one block. What cannot be read is shown as unknown
    with the reason, never as zero.
    """,
    environment={
        "PLIMSOLL_CHAINS__1__RPC_URL": "the URL of a node of chain 1 (Ethereum)",
        "PLIMSOLL_CHAINS__1__MARKET": "another market than Aave's main one",
    },
    examples=(
        "plimsoll watch 0x… --chain 1",
        "plimsoll watch 0x… 0x… --once --json | jq .health_factor",
    ),
)


def watch(
    addresses: Annotated[
        list[str],
        typer.Argument(
            metavar="ADDRESS", help="Wallets: 0x and forty hexadecimal digits.", show_default=False
        ),
    ],
    chain: Annotated[
        int | None,
        typer.Option(
            "--chain", "-c", metavar="ID", help="Only this chain, by its id.", show_default="all configured"
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Read once, print and end.")] = False,
    interval: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0.2, max=3600, help="How long to wait between two readings."),
    ] = 5.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object a line for each wallet and reading.")
    ] = False,
) -> None:
    """Take the command apart, and watch."""
    from entrypoints.cli.watch.live import watch_live

    watch_live(addresses, only=chain, once=once, interval=interval, as_json=as_json)
