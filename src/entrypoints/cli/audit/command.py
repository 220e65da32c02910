import typer

from entrypoints.cli.audit.archiving import app as archiving
from entrypoints.cli.audit.checking import app as checking
from entrypoints.cli.audit.evidence import app as evidence
from entrypoints.cli.audit.forgetting import app as forgetting
from entrypoints.cli.audit.operators import app as operators
from entrypoints.cli.audit.panels import KEEPING
from entrypoints.cli.audit.reading import app as reading
from entrypoints.cli.audit.travelling import app as travelling
from entrypoints.cli.teaching import teach

_WHERE = {"DATABASE_URL": "the database whose log to read; without it the embedded one"}

app = typer.Typer(
    name="audit",
    no_args_is_help=True,
    help=teach(
        "Ask the event log what happened, and have every decision made again.",
        environment=_WHERE,
        examples=(
            "plimsoll audit log --type alert.",
            "plimsoll audit explain afd8c62d-…",
            "plimsoll audit verify",
        ),
    ),
)

for commands in (reading, travelling, checking, evidence, archiving, forgetting):
    app.add_typer(commands)
app.add_typer(operators, rich_help_panel=KEEPING)
