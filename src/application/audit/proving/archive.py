from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from application.audit.proving.finding import Finding, FindingKind
from application.audit.proving.stored_log import LeafRun, StoredFact
from application.shared.ports import Place
from domain.shared.errors import Conflict
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFile:
    """A file that holds the facts at consecutive places, as it was when it was written."""

    name: str
    first: Place
    last: Place
    size: int
    sha256: bytes


class ArchiveFault(Conflict):
    """A file of an archive that is not there, cannot be read, or is not what was written; the facts are unknown."""

    def __init__(self, sentence: str, *, file: str, place: Place | None, missing: bool = False) -> None:
        super().__init__(sentence)
        self.file = file
        self.place = place
        self.missing = missing

    def finding(self) -> Finding:
        """Return what a verification says of it."""
        kind = FindingKind.ARCHIVE_MISSING if self.missing else FindingKind.ARCHIVE_ALTERED
        return Finding.of(kind, str(self), place=self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which facts somebody asks for, of those between two places; what is empty or None asks for all.

    `mentioning` asks for facts whose stored bytes contain others.
    """

    after: Place
    until: Place
    types: Sequence[str] = ()
    users: frozenset[Id] | None = None
    streams: frozenset[Id] | None = None
    correlation: Id | None = None
    mentioning: bytes | None = None
    newest_first: bool = False

    def seen_by(self, users: AbstractSet[Id]) -> "Wanted | None":
        """Return what is left of it for who sees these users' facts alone; None when that is nothing."""
        visible = frozenset(users) if self.users is None else self.users & users
        return replace(self, users=visible) if visible else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedStream:
    """A stream that has such facts in the archive: how many, the first of them and the last."""

    stream: Id
    facts: int
    first: Place
    last: Place
    first_name: str
    first_version: int


class ArchivedFacts(Protocol):
    """Reads files of facts that were taken out of the database; they are only believed if they hash as on record.

    Every method raises ArchiveFault, naming the file, instead of leaving something out.
    """

    async def facts(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, limit: int | None = None
    ) -> Sequence[StoredFact]:
        """Return facts in the order of their places, or the other way round."""
        ...

    async def streams(
        self, files: Sequence[ArchivedFile], wanted: Wanted, *, beyond: Place, limit: int | None
    ) -> Sequence[ArchivedStream]:
        """Return the streams of such facts in the order of their first one, whose place is greater than `beyond`."""
        ...

    def leaves(self, files: Sequence[ArchivedFile], *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Hash facts in the order in which they stand; raises ArchiveFault after a file that is not as on record."""
        ...

    async def out_of_turn(self, files: Sequence[ArchivedFile], *, after: Place, until: Place) -> Place | None:
        """Return the first place whose fact does not continue its stream, as far as the files tell."""
        ...

    async def heads(
        self, files: Sequence[ArchivedFile], streams: Sequence[Id], *, until: Place
    ) -> Mapping[Id, int]:
        """Return the newest version up to a place of those of the streams that have any in the files."""
        ...

    async def times(self, files: Sequence[ArchivedFile], places: Sequence[Place]) -> Mapping[Place, datetime]:
        """Return when the facts at these places, in order, were recorded."""
        ...
