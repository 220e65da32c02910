from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.audit.panels import KEEPING
from entrypoints.cli.teaching import teach

_WHERE = {
    "DATABASE_URL": "the database whose log to read; without it the embedded one",
    "PLIMSOLL_ARCHIVE_DIR": "the folder that archived parts of the log are read from",
    "PLIMSOLL_SEAL_KEY_FILE": "the Ed25519 key in PEM that seals, then those that sealed before",
}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]

app = typer.Typer()


@app.command(
    rich_help_panel=KEEPING,
    help=teach(
        "Write what seals cover into a folder, as Parquet that verifies without this database.",
        """
        The folder gets the events column by column as they are stored, every commit's row, the seals, and a manifest
        with the size and SHA-256 of each file. It holds whole commits, so a little more may be written than was asked
        for. Files that are there are not written again: run it again after an interruption, or for what was sealed
        since. What was written is read back and verified at the end.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit export --to backup",
            "plimsoll audit export --to may --from 120001 --until 180000",
            "plimsoll audit verify --archive backup --public-key seal.pub",
        ),
    ),
)
def export(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder; made if it is not there.")],
    first: Annotated[
        int | None,
        typer.Option(
            "--from",
            metavar="POSITION",
            min=1,
            help="Begin here.",
            show_default="the log's beginning, or that of the folder",
        ),
    ] = None,
    until: Annotated[
        int | None,
        typer.Option(
            "--until", metavar="POSITION", min=1, help="End here.", show_default="all that is sealed"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export."""
    from entrypoints.cli.audit.export import export_log

    export_log(to, first=first, until=until, as_json=as_json)


@app.command(
    rich_help_panel=KEEPING,
    help=teach(
        "Move old parts of the log that are sealed out of the database, into files that are read in their place.",
        """
        Each part (a million positions) is exported, verified as it lies there, put on record with the SHA-256 of its
        files, and only then taken out of the database. Commits and seals stay. Every command reads what is archived
        from PLIMSOLL_ARCHIVE_DIR: verify, prove, explain, log, as-of, replay. Interrupted, it goes on when it is run
        again. Keep copies of the folder: what it holds is nowhere else.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit archive --dry-run",
            "plimsoll audit archive --before 2026-01-01 --yes",
            "plimsoll audit archive --to archive --until 3000000",
        ),
    ),
)
def archive(
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="The folder.", show_default="PLIMSOLL_ARCHIVE_DIR"),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only parts whose events were all recorded by then."),
    ] = None,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="POSITION", min=1, help="Only parts that end by this position."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be archived.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Archive."""
    from entrypoints.cli.audit.archive import archive_log, show_due

    if dry_run:
        show_due(to, before=before, until=until, as_json=as_json)
    else:
        archive_log(to, before=before, until=until, yes=yes, as_json=as_json)


@app.command(
    rich_help_panel=KEEPING,
    help=teach(
        "Bring the newest archived part of the log back into the database.",
        "The undoing of `plimsoll audit archive`, a part at a time. The files stay where they are.",
        environment=_WHERE,
        examples=("plimsoll audit restore", "plimsoll audit restore --yes --json"),
    ),
)
def restore(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Restore."""
    from entrypoints.cli.audit.restore import restore_log

    restore_log(yes=yes, as_json=as_json)
