import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import polars as pl

from adapters.archive.columns import frame_of_commits, frame_of_facts
from adapters.archive.durable import write_durably
from adapters.archive.manifest import NAME, FactsFile, FileOf, Manifest, Sealed
from adapters.archive.parquet import parquet
from adapters.archive.seals_file import write_seals
from application.audit.archiving.exports import DatedCommit, Written
from application.audit.proving.seals import StoredSeal
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Place


@dataclass(slots=True)
class WrittenExport:
    """A folder that is being written: a file is whole, and on the disk, before the manifest tells of it."""

    folder: Path
    manifest: Manifest

    @property
    def written(self) -> Written:
        """How far it has come."""
        commits = self.manifest.commits
        return Written(
            first=Place(self.manifest.first_position),
            last=Place(self.manifest.last_position),
            commits=commits[-1].last if commits else 0,
        )

    async def add_commits(self, commits: Sequence[DatedCommit]) -> None:
        """Write the next commits, as one file."""
        first, last = commits[0].commit.number, commits[-1].commit.number
        file = await self._add("commits", first, last, await asyncio.to_thread(frame_of_commits, commits))
        await self._tell(commits=(*self.manifest.commits, file), complete=False)

    async def add_facts(self, facts: Sequence[StoredFact], *, commits: tuple[int, int]) -> None:
        """Write the next facts, as one file; `commits` are the first and last that they lie in."""
        first, last = facts[0].place, facts[-1].place
        file = await self._add("events", first, last, await asyncio.to_thread(frame_of_facts, facts))
        of_facts = FactsFile(
            **msgspec.structs.asdict(file),
            events=len(facts),
            first_commit=commits[0],
            last_commit=commits[1],
        )
        await self._tell(events=(*self.manifest.events, of_facts), last_position=last, complete=False)

    async def complete(self, seals: Sequence[StoredSeal]) -> None:
        """Write the seals, all from the first to the one that covers the last fact, and say that nothing is missing."""
        said, before = seals[-1].seal.statement, self.manifest.seals
        sealed = _sealed(seals[-1])
        if self.manifest.complete and self.manifest.seal == sealed:
            return
        file = await self._store("seals", 1, said.number, "json", write_seals(seals))
        await self._tell(seals=file, seal=sealed, complete=True)
        if before is not None and before.file != file.file:
            await asyncio.to_thread((self.folder / before.file).unlink, missing_ok=True)

    async def _add(self, kind: str, first: int, last: int, frame: pl.DataFrame) -> FileOf:
        return await self._store(kind, first, last, "parquet", await asyncio.to_thread(parquet, frame))

    async def _store(self, kind: str, first: int, last: int, suffix: str, content: bytes) -> FileOf:
        name = f"{kind}-{first:012d}-{last:012d}.{suffix}"
        await asyncio.to_thread(write_durably, self.folder / name, content)
        return FileOf(
            file=name, first=first, last=last, bytes=len(content), sha256=sha256(content).hexdigest()
        )

    async def _tell(self, **changes: object) -> None:
        manifest = msgspec.structs.replace(self.manifest, **changes)
        await asyncio.to_thread(write_durably, self.folder / NAME, manifest.content())
        self.manifest = manifest


def _sealed(newest: StoredSeal) -> Sealed:
    said = newest.seal.statement
    return Sealed(
        number=said.number,
        position=said.position,
        commits=said.commit_count,
        tree_root=said.tree_root.hex(),
        chain=said.chain.hex(),
        digest=newest.seal.digest().hex(),
    )
