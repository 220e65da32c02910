from typing import Annotated

import typer

from entrypoints.cli.audit.panels import READING
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

_POINT = "a time like 2026-05-04T12:00:00Z, 2026-05-04 or 2h ago, or a position"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer()


@app.command(
    name="as-of",
    rich_help_panel=READING,
    help=teach(
        "Show what something was at a position of the log, or at a moment.",
        """
        A user, signal, alert, delivery, intent or operator is folded from the log alone; no state table is read.

        A position is named by its wallet: the newest sighting by then, read from the rows that its batch's root in the
        log covers. What could not be read then is unknown, with the reason.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit as-of alert afd8c62d-… --time 2026-05-04T12:00:00Z",
            "plimsoll audit as-of user 0199… --position 120 --json",
            "plimsoll audit as-of position 0x5290…9EE7 --time '2h ago' --chain 1",
        ),
    ),
)
def as_of(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="user, signal, alert, delivery, intent, operator or position."),
    ],
    id: Annotated[str, typer.Argument(metavar="ID", help="Its id; the wallet's address for a position.")],
    *,
    position: Annotated[
        int | None, typer.Option(metavar="P", min=1, help="At this position of the log.")
    ] = None,
    place: Annotated[int | None, typer.Option(metavar="P", min=1, hidden=True)] = None,
    time: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="At this moment: 2026-05-04T12:00:00Z, 2h ago.", show_default="now"
        ),
    ] = None,
    chain: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="A wallet's position on this chain only.")
    ] = None,
    market: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A wallet's position in this market only.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Travel in time."""
    from entrypoints.cli.audit.as_of import Where, show_state

    where = Where(chain=chain, market=market)
    show_state(kind, id, where, place=position or place, time=time, as_json=as_json)


@app.command(
    rich_help_panel=READING,
    help=teach(
        "Show what changed between two moments, and the facts that changed it.",
        """
        With KIND and ID, that one thing field by field; with KIND alone, everything of the kind; with neither, every
        state that changed, counted by kind and listed a page at a time. What was on record at the first moment is
        before, what was on record at the second is after.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit diff user 0199… --from 2026-05-04 --to 2026-05-05",
            "plimsoll audit diff alert afd8c62d-… --from 120 --to 180",
            "plimsoll audit diff position 0x5290…9EE7 --from '1d ago'",
            "plimsoll audit diff --from '1h ago'",
            "plimsoll audit diff intent --from 2026-05-04 --json | jq .states",
        ),
    ),
)
def diff(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="[KIND]", help="user, signal, alert, delivery, intent, operator or position."),
    ] = None,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Its id; the wallet for a position.")
    ] = None,
    *,
    since: Annotated[str, typer.Option("--from", metavar="POINT", help=f"The first moment: {_POINT}.")],
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="POINT", help="The second moment, alike.", show_default="now"),
    ] = None,
    after: Annotated[
        int | None, typer.Option(metavar="POSITION", min=0, help="Go on after this first change.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="List at most so many states.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Compare two moments."""
    from entrypoints.cli.audit.diff import show_diff
    from entrypoints.cli.audit.diff_log import Between

    span = Between(since=since, until=until, after=after, limit=limit)
    show_diff(kind, id, span, as_json=as_json)
