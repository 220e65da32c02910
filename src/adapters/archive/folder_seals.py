from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from adapters.archive.parquet import ParquetFiles, altered
from adapters.archive.seals_file import read_seals
from application.audit.proving.archive import ArchivedFile
from application.audit.proving.seals import SealNotFound, StoredSeal
from domain.shared.errors import Conflict


@dataclass(frozen=True)
class FolderSeals:
    """The seals that an export brings with it; nothing can be added."""

    parquet: ParquetFiles
    file: ArchivedFile

    async def after(self, number: int, *, limit: int) -> Sequence[StoredSeal]:
        """Return seals in the order in which they stand; raises ArchiveFault."""
        found = [one for one in self._seals if one.seal.statement.number > number][:limit]
        if not found:
            self._check()
        return found

    async def get(self, number: int) -> StoredSeal:
        """Return a seal, or raise SealNotFound."""
        for one in self._seals:
            if one.seal.statement.number == number:
                return one
        raise SealNotFound(number)

    async def last(self) -> StoredSeal | None:
        """Return the newest seal."""
        return self._seals[-1] if self._seals else None

    async def covering(self, commit: int) -> StoredSeal | None:
        """Return the first seal whose tree holds this commit."""
        return next((one for one in self._seals if one.seal.statement.commit_count >= commit), None)

    async def add(self, seal: StoredSeal) -> bool:
        """Refuse: an export is written once."""
        raise Conflict(
            f"An export takes no seals, so seal {seal.seal.statement.number} cannot be added to it."
        )

    @cached_property
    def _content(self) -> bytes:
        return self.parquet.content(self.file)

    @cached_property
    def _seals(self) -> tuple[StoredSeal, ...]:
        try:
            return read_seals(self._content)
        except ValueError:
            raise altered(self.file, unreadable=self.file.first) from None

    def _check(self) -> None:
        """Raise ArchiveFault unless the file is as on record: what a signature covers was checked before."""
        if sha256(self._content).digest() != self.file.sha256:
            raise altered(self.file)
