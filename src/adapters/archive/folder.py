import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from adapters.archive.durable import disk_errors, sweep
from adapters.archive.facts import ParquetFacts
from adapters.archive.folder_log import FolderLog
from adapters.archive.folder_seals import FolderSeals
from adapters.archive.manifest import Manifest, archived, read_manifest
from adapters.archive.parquet import ParquetFiles
from adapters.archive.writing import WrittenExport
from application.audit.proving.archive import ArchivedFile
from application.audit.proving.verify_log import Held
from application.shared.ports import Place
from domain.shared.errors import Conflict, Invalid
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class FolderWork:
    """What verifying and proving need, from an export alone."""

    stored_log: FolderLog
    seals: FolderSeals


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds a part of the log as Parquet, with a manifest."""

    folder: Path

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self.folder)

    def manifest(self) -> Manifest:
        """Return what a finished export says of itself; raises Invalid when it is none, and ArchiveFault."""
        manifest = read_manifest(self.folder)
        if manifest is None:
            raise Invalid(f"{self.folder} holds no export: it has no manifest.json.")
        if not manifest.complete or manifest.seals is None:
            raise Invalid(
                f"The export in {self.folder} was not finished: run its command again to go on with it."
            )
        return manifest

    @asynccontextmanager
    async def begin(self, actor: UserId | None) -> AsyncIterator[FolderWork]:
        """Read the export as if it were the database; whoever can read its files sees all of them."""
        manifest = await asyncio.to_thread(self.manifest)
        if manifest.seals is None:
            raise AssertionError("a finished export has its seals")
        files = ParquetFiles(self.folder)
        facts = ParquetFacts(files)
        yield FolderWork(FolderLog(facts, manifest), FolderSeals(files, archived(manifest.seals)))

    async def held(self) -> Held:
        """Return which facts a finished export holds; raises Invalid and ArchiveFault."""
        manifest = await asyncio.to_thread(self.manifest)
        return Held(Place(manifest.first_position - 1), Place(manifest.last_position))

    async def altered(self) -> Sequence[str]:
        """Return the names of the files that are not as the manifest says, and still there."""
        manifest = await asyncio.to_thread(self.manifest)
        return await asyncio.to_thread(_altered, self.folder, manifest)

    async def check(self, files: Sequence[ArchivedFile]) -> None:
        """Raise ArchiveFault unless each file is there, and hashes as on record."""
        parquet = ParquetFiles(self.folder)
        for file in files:
            await asyncio.to_thread(parquet.sound, file)

    async def files(self) -> Sequence[ArchivedFile]:
        """Return its files of facts, in order."""
        manifest = await asyncio.to_thread(read_manifest, self.folder)
        return () if manifest is None else manifest.files

    @asynccontextmanager
    async def writing(self, *, first: Place | None) -> AsyncIterator[WrittenExport]:
        """Open it to write facts from a place on (the beginning by default), or go on with what is there."""
        handle = self._lock()
        try:
            sweep(self.folder)
            manifest = await asyncio.to_thread(read_manifest, self.folder)
            if manifest is None:
                manifest = Manifest(
                    complete=False,
                    first_position=first or 1,
                    last_position=(first or 1) - 1,
                    seal=None,
                    events=(),
                    commits=(),
                    seals=None,
                )
            elif first is not None and manifest.first_position != first:
                raise Conflict(
                    f"{self.folder} holds an export from position {manifest.first_position} on, so none from "
                    f"{first} on can be written there: name another folder."
                )
            yield WrittenExport(self.folder, manifest)
        finally:
            os.close(handle)

    def _lock(self) -> int:
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                raise Conflict(f"Another process is writing into {self.folder} just now.") from None
            return handle


def _altered(folder: Path, manifest: Manifest) -> list[str]:
    files = [*manifest.events, *manifest.commits, *((manifest.seals,) if manifest.seals else ())]
    found = []
    for file in files:
        with suppress(OSError):
            if sha256((folder / file.file).read_bytes()).hexdigest() != file.sha256:
                found.append(file.file)
    return found
