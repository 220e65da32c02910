import sys

import typer

from domain.shared.errors import Conflict


def ask_first(question: str, *, yes: bool) -> None:
    """Let a person say yes before something cannot be undone; raises Conflict when nobody does, or is there to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Conflict(
            f"{question} Nobody is here to be asked, so nothing was done: say --yes if you mean it."
        )
    if not typer.confirm(question, err=True):
        raise Conflict("Nothing was done.")
