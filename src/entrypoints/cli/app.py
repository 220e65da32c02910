import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from entrypoints.cli.audit.command import app as audit
from entrypoints.cli.db.command import app as db
from entrypoints.cli.demo.command import HELP as DEMO_HELP
from entrypoints.cli.demo.command import demo
from entrypoints.cli.failing import failing_clearly
from entrypoints.cli.run.command import SERVE_HELP, UP_HELP, WORK_HELP, serve, up, work
from entrypoints.cli.version import HELP as VERSION_HELP
from entrypoints.cli.version import show_version
from entrypoints.cli.watch.command import HELP as WATCH_HELP
from entrypoints.cli.watch.command import watch

app = typer.Typer(
    name="plimsoll",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with [bold]plimsoll demo[/bold]: it needs no node, no database and no account.",
)


def _version(wanted: bool) -> None:
    if wanted:
        show_version()
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback when something fails; anywhere in the line.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Say which version this is, and exit."
        ),
    ] = False,
) -> None:
    """Watch what you own and owe in crypto; be told in time when you near the line, and be able to check why."""


app.command(help=DEMO_HELP)(demo)
app.command(help=UP_HELP)(up)
app.command(help=SERVE_HELP)(serve)
app.command(help=WORK_HELP)(work)
app.command(help=WATCH_HELP)(watch)
app.add_typer(db)
app.add_typer(audit)
app.command("version", help=VERSION_HELP)(show_version)


def main() -> None:
    """Run the command line: exit status 0, 1 after a sentence, 2 for a wrong command, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows marks instead of failing
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    with failing_clearly(debug=debug):
        app(args=[argument for argument in arguments if argument != "--debug"])
