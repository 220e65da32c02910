from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from adapters.archive.folder import Folder
from adapters.archive.manifest import NAME
from adapters.seals.no_anchor import NoAnchor
from application.audit.archiving.export_log import Exported
from application.audit.archiving.verify_export import VerifyExport
from application.audit.proving.finding import Verification
from application.audit.proving.seals import SealKeys
from application.shared.ports import Place
from domain.shared.errors import Conflict, Invalid
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.trust import keys_in
from entrypoints.cli.audit.work_shown import work_shown
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.sealing import KEY_FILE, key_ring


@dataclass(frozen=True, slots=True)
class _Done:
    exported: Exported
    verified: Verification


def export_log(to: Path, *, first: int | None, until: int | None, as_json: bool) -> None:
    """Export a part of the log and verify what was written; raises Conflict when it is not what seals cover."""
    done = run(_export(Folder(to), first, until, quiet=as_json))
    if not done.verified.untouched:
        raise Conflict(f"The export is not what was recorded. {done.verified.findings[0].sentence}")
    digest = sha256((to / NAME).read_bytes()).hexdigest()
    exported = done.exported
    if as_json:
        print_json(
            {
                "folder": exported.path,
                "first": exported.first,
                "last": exported.last,
                "written": exported.written,
                "seal": exported.seal,
                "manifest_sha256": digest,
            }
        )
        return
    screen = console()
    screen.print(f"Wrote {exported.written} events into {exported.path}.", soft_wrap=True)
    screen.print(
        f"It holds positions {exported.first} to {exported.last}, which seal {exported.seal} covers, and was "
        "verified as it lies there.",
        style="good",
        soft_wrap=True,
    )
    screen.print(f"SHA-256 of its manifest: {digest}", soft_wrap=True)


async def _export(folder: Folder, first: int | None, until: int | None, *, quiet: bool) -> _Done:
    async with ledger() as container:
        with work_shown("Exporting", quiet=quiet) as tell:
            exported = await container.export_log(folder=folder)(
                first=None if first is None else Place(first),
                until=None if until is None else Place(until),
                progress=tell,
            )
        return _Done(exported, await verified(folder, container.trusted(), quiet=quiet))


def verify_export(folder: Path, *, public_keys: Sequence[Path], quiet: bool) -> Verification:
    """Verify an export without a database; raises Invalid and ArchiveFault."""
    keys = keys_in(public_keys) if public_keys else _configured_keys()
    return run(verified(Folder(folder), keys, quiet=quiet))


async def verified(folder: Folder, keys: SealKeys, *, quiet: bool) -> Verification:
    """Verify an export, and show how far it has come."""
    held = await folder.held()
    with work_shown("Hashing again", quiet=quiet) as tell:
        return await VerifyExport(folder, keys, NoAnchor())(
            progress=lambda place: tell(min(place, held.until), held.until)
        )


def _configured_keys() -> SealKeys:
    settings = load_settings()
    made = (settings.data_dir / KEY_FILE).expanduser().exists()
    if not made and settings.seal_key_file is None and settings.seal_key is None:
        raise Invalid(
            "No key is trusted to verify the export's seals: name one with --public-key, PLIMSOLL_SEAL_KEY_FILE or "
            "PLIMSOLL_SEAL_KEY."
        )
    return key_ring(settings).trusted
