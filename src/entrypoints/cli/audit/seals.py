from typing import Any

from application.audit.proving.seal_log import NotAnchored
from application.audit.proving.seals import Seal
from domain.shared.errors import Invalid
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.sealing import key_ring


def seal_now(*, as_json: bool) -> None:
    """Seal what is new in the log."""
    made, unanchored = run(_seal())
    if as_json:
        print_json({"seal": None if made is None else summary_of(made), "unanchored": unanchored})
    elif made is None:
        console().print("Nothing is new since the last seal.")
    else:
        said = made.statement
        console().print(
            f"Seal {said.number} covers {said.commit_count} commits, up to position {said.position}."
        )
    if unanchored is not None:
        console(error=True).print(unanchored, style="danger", markup=False)


async def _seal() -> tuple[Seal | None, str | None]:
    async with ledger() as container:
        try:
            return await container.seal_log()(), None
        except NotAnchored as failure:
            return failure.seal, str(failure)


def show_keys(*, as_json: bool) -> None:
    """Print the public keys that verify this log's seals, the one in force first."""
    keys = key_ring(load_settings()).trusted.pem()
    if as_json:
        print_json({"keys": [{"id": key_id.hex(), "pem": pem} for key_id, pem in keys.items()]})
    elif not keys:
        raise Invalid("No key for seals is configured: set PLIMSOLL_SEAL_KEY_FILE.")
    else:
        for key_id, pem in keys.items():
            console().print(f"# {key_id.hex()}\n{pem}", end="", soft_wrap=True)


def summary_of(seal: Seal) -> dict[str, Any]:
    """Return what a program wants to know of a seal."""
    said = seal.statement
    return {
        "number": said.number,
        "commits": said.commit_count,
        "position": said.position,
        "tree_root": said.tree_root.hex(),
        "sealed_at": written(said.sealed_at),
        "key_id": said.key_id.hex(),
        "digest": seal.digest().hex(),
    }
