from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.audit.proving.archive import ArchivedFile
from application.audit.proving.proof_work import ProofWork
from application.audit.proving.seals import StoredSeal
from application.audit.proving.stored_log import StoredCommit, StoredFact
from application.shared.ports import Place


@dataclass(frozen=True, slots=True)
class DatedCommit:
    """A commit with the time that its row says; no hash covers the time, but its facts say it too."""

    commit: StoredCommit
    recorded_at: datetime


class LogRows(Protocol):
    """The log's rows in bulk, to be copied elsewhere."""

    async def facts(self, *, after: Place, until: Place, limit: int) -> Sequence[StoredFact]:
        """Return facts in the order of their places, wherever they are kept."""
        ...

    async def commits(self, *, after: int, until: int, limit: int) -> Sequence[DatedCommit]:
        """Return commits in the order of their numbers."""
        ...


class ExportWork(ProofWork, Protocol):
    """What exporting needs of its transaction."""

    @property
    def log_rows(self) -> LogRows:
        """The rows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a folder holds so far: facts from a place on, and commits from the first one on."""

    first: Place
    last: Place
    commits: int


class Export(Protocol):
    """A folder that is being written, by nobody else meanwhile.

    Whatever a method returns from is durable, and noted in the manifest; no file ever has its final name before it is
    whole. Raises Unavailable when the disk is full or gone.
    """

    @property
    def written(self) -> Written:
        """How far it has come."""
        ...

    async def add_commits(self, commits: Sequence[DatedCommit]) -> None:
        """Write the next commits, as one file."""
        ...

    async def add_facts(self, facts: Sequence[StoredFact], *, commits: tuple[int, int]) -> None:
        """Write the next facts, as one file; `commits` are the first and last that they lie in."""
        ...

    async def complete(self, seals: Sequence[StoredSeal]) -> None:
        """Write the seals, all from the first to the one that covers the last fact, and say that nothing is missing."""
        ...


class ExportFolder(Protocol):
    """A folder that holds, or will hold, a part of the log."""

    @property
    def path(self) -> str:
        """Where it is, as people know it."""
        ...

    def writing(self, *, first: Place | None) -> AbstractAsyncContextManager[Export]:
        """Open it to write facts from a place on, or go on with what is there.

        Raises Conflict when it holds facts from another place on, or somebody else is writing it, and ArchiveFault
        when what it says of itself was altered.
        """
        ...

    async def files(self) -> Sequence[ArchivedFile]:
        """Return its files of facts, in order."""
        ...
