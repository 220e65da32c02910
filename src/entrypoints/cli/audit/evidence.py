from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.audit.panels import PROVING
from entrypoints.cli.teaching import teach

_WHERE = {
    "DATABASE_URL": "the database whose log to read; without it the embedded one",
    "PLIMSOLL_SEAL_KEY_FILE": "the Ed25519 key in PEM that seals, then those that sealed before",
    "PLIMSOLL_SEAL_ANCHOR_FILE": "a file outside the database that keeps every seal",
    "PLIMSOLL_SEAL_TSA_URL": "an RFC 3161 authority that stamps seals, verified by PLIMSOLL_SEAL_TSA_ROOTS_FILE",
}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead.")]
PublicKeys = Annotated[
    list[Path] | None,
    typer.Option("--public-key", metavar="FILE", help="Trust the keys in this PEM file; may be repeated."),
]

app = typer.Typer()


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Hash the whole log again, and name the first event that was altered, moved, removed or put in.",
        """
        The exit status is 0 only if the log is what was recorded, and every seal holds. What was archived is read from
        PLIMSOLL_ARCHIVE_DIR. With --archive, an export is verified by itself: its bytes, commits and seals.
        """,
        environment=_WHERE,
        examples=(
            "plimsoll audit verify",
            "plimsoll audit verify --from-seal 12 --public-key seal.pub",
            "plimsoll audit verify --archive backup --public-key seal.pub",
        ),
    ),
)
def verify(
    from_seal: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Take what this seal covers on its word.")
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="DIR", help="Verify this export instead; it takes no database."),
    ] = None,
    public_key: PublicKeys = None,
    as_json: AsJson = False,
) -> None:
    """Verify."""
    from entrypoints.cli.audit.verify import verify_log

    verify_log(from_seal=from_seal, archive=archive, public_keys=public_key or (), as_json=as_json)


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Sign the log as it stands, after hashing again what is new; a worker does so every five minutes.",
        environment=_WHERE,
        examples=("plimsoll audit seal",),
    ),
)
def seal(as_json: AsJson = False) -> None:
    """Seal."""
    from entrypoints.cli.audit.seals import seal_now

    seal_now(as_json=as_json)


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Print the public keys that verify this log's seals, to be published.",
        environment=_WHERE,
        examples=("plimsoll audit keys > seal.pub",),
    ),
)
def keys(as_json: AsJson = False) -> None:
    """Show keys."""
    from entrypoints.cli.audit.seals import show_keys

    show_keys(as_json=as_json)


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Prove to somebody without this database that an event stands at its position.",
        environment=_WHERE,
        examples=("plimsoll audit prove 120 > proof.json",),
    ),
)
def prove(
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="The event's position.")],
    seal: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Under this seal.", show_default="the first that covers it"),
    ] = None,
) -> None:
    """Prove."""
    from entrypoints.cli.audit.proofs import print_proof

    print_proof(position, seal=seal)


@app.command(
    name="verify-proof",
    rich_help_panel=PROVING,
    help=teach(
        "Check a proof; it takes no database, only the proof and a key that you trust.",
        examples=(
            "plimsoll audit verify-proof proof.json --public-key seal.pub",
            "plimsoll audit verify-proof proof.json --public-key seal.pub --tsa-roots authority.pem",
        ),
    ),
)
def verify_proof(
    proof: Annotated[Path, typer.Argument(metavar="FILE", help="What `audit prove` printed.")],
    public_key: Annotated[
        list[Path],
        typer.Option(
            "--public-key", metavar="FILE", help="Trust the keys in this PEM file; may be repeated."
        ),
    ],
    tsa_roots: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Check its time stamp too, by the authority's roots in this PEM file."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof."""
    from entrypoints.cli.audit.proofs import verify_proof as check

    check(proof, public_keys=public_key, tsa_roots=tsa_roots, as_json=as_json)


@app.command(
    rich_help_panel=PROVING,
    help=teach(
        "Prove that the log only grew between two seals.",
        environment=_WHERE,
        examples=("plimsoll audit consistency 3 12",),
    ),
)
def consistency(
    old: Annotated[int, typer.Argument(metavar="SEAL_A", min=1, help="The older seal.")],
    new: Annotated[int, typer.Argument(metavar="SEAL_B", min=1, help="The newer seal.")],
    as_json: AsJson = False,
) -> None:
    """Compare two seals."""
    from entrypoints.cli.audit.proofs import show_consistency

    show_consistency(old, new, as_json=as_json)
