import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from adapters.archive.columns import COMMITS, commits_in
from adapters.archive.facts import ParquetFacts
from adapters.archive.manifest import Manifest, archived
from adapters.archive.parquet import Loaded
from adapters.archive.turns import misdated, out_of_turn
from application.audit.proving.archive import ArchivedFile, Wanted
from application.audit.proving.stored_log import LeafRun, StoredCommit, StoredFact
from application.shared.ports import Place


@dataclass(slots=True)
class FolderLog:
    """The log as an export holds it, for those who trust none of it."""

    files: ParquetFacts
    manifest: Manifest
    _held: tuple[str, Loaded] | None = field(default=None, repr=False)

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order in which they stand; raises ArchiveFault behind those of an altered file."""
        found: list[StoredCommit] = []
        for file in self._commit_files:
            if file.last < after:
                continue
            loaded = await self._load(file)
            if file.last > after:
                found = list(commits_in(loaded.frame.slice(max(0, after + 1 - file.first), limit)))
            if found:
                break
            if loaded.fault is not None:
                raise loaded.fault
        return found

    def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Hash facts in the order of their places, in bounded memory; a new run begins after every gap."""
        return self.files.leaves(self.manifest.files, after=after, until=until)

    async def fact(self, place: Place) -> StoredFact | None:
        """Return the fact at a place."""
        wanted = Wanted(after=Place(place - 1), until=place)
        return next(iter(await self.files.facts(self.manifest.files, wanted)), None)

    async def commit_of(self, place: Place) -> StoredCommit | None:
        """Return the last commit that begins there or before."""
        found = None
        for file in self._commit_files:
            for commit in commits_in((await self._load(file)).frame):
                if commit.first > place:
                    return found
                found = commit
        return found

    async def commit_by_root(self, root: bytes, *, after: int) -> StoredCommit | None:
        """Return the first commit after this one that has the root."""
        for file in self._commit_files:
            if file.last > after:
                for commit in commits_in((await self._load(file)).frame):
                    if commit.root == root and commit.number > after:
                        return commit
        return None

    async def leaves_on_record(self, number: int) -> Sequence[bytes] | None:
        """Return None: an export holds the facts, and of their commits what the chain covers."""
        return None

    async def uncommitted(self) -> Place | None:
        """Return None: what lies behind the last commit is in no export."""
        return None

    async def out_of_turn(self, *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream, as far as the export tells."""
        return await asyncio.to_thread(out_of_turn, self.files.parquet, self.manifest.files, after, until)

    async def misdated(self, *, after: int, until: int) -> int | None:
        """Return the first commit whose time is neither that of its facts nor, were that earlier, its predecessor's."""
        return await asyncio.to_thread(
            misdated, self.files.parquet, self.manifest.files, self._commit_files, after, until
        )

    async def file_of(self, place: Place) -> str | None:
        """Return the name of the file that holds the fact."""
        return next((one.name for one in self.manifest.files if one.first <= place <= one.last), None)

    @property
    def _commit_files(self) -> tuple[ArchivedFile, ...]:
        return tuple(archived(one) for one in self.manifest.commits)

    async def _load(self, file: ArchivedFile) -> Loaded:
        if self._held is None or self._held[0] != file.name:
            self._held = file.name, await asyncio.to_thread(self.files.parquet.load, file, COMMITS)
        return self._held[1]
