import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from entrypoints.cli.teaching import teach
from entrypoints.cli.terminal import console, print_json

HELP = teach("Say which version this is.", examples=("plimsoll version", "plimsoll version --json"))


def show_version(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object, with Python's version.")
    ] = False,
) -> None:
    """Show the version."""
    if as_json:
        print_json({"plimsoll": installed_version(), "python": platform.python_version()})
    else:
        console().print(f"plimsoll {installed_version()}")


def installed_version() -> str:
    """Return the version of the installed distribution, or that this one runs without being installed."""
    try:
        return version("plimsoll")
    except PackageNotFoundError:
        return "0 (not installed)"
