from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from application.audit.archiving.archive_log import Part, Tell
from application.audit.archiving.exports import ExportWork
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Begin, Clock, Place

PAGE: Final = 5_000


class ArchivedParts(Protocol):
    """The partitions that were taken out of the log, in the hands of who owns it."""

    async def newest_archived(self) -> Part | None:
        """Return the newest part that is read from files, or None; raises Conflict while it is being taken out."""
        ...

    async def bring_back(
        self, part: Part, facts: AsyncIterator[Sequence[StoredFact]], *, at: datetime
    ) -> None:
        """Put a part into the log again with these facts, and on record that it is: both, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class RestoreLog:
    """Bring the newest archived part of the log back into the database; its files stay where they are."""

    begin: Begin[ExportWork]
    parts: Callable[[], AbstractAsyncContextManager[ArchivedParts]]
    clock: Clock

    async def due(self) -> Part | None:
        """Return the part that would be brought back."""
        async with self.parts() as parts:
            return await parts.newest_archived()

    async def __call__(self, *, tell: Tell) -> Part | None:
        """Bring it back, and return it, or None when nothing is archived; raises ArchiveFault and Conflict."""
        async with self.parts() as parts:
            part = await parts.newest_archived()
            if part is not None:
                await parts.bring_back(part, self._facts(part, tell), at=self.clock.now())
            return part

    async def _facts(self, part: Part, tell: Tell) -> AsyncIterator[Sequence[StoredFact]]:
        after = Place(part.first - 1)
        while after < part.last:
            tell(f"Restoring {part.name}", after, part.last)
            async with self.begin(None) as work:
                page = await work.log_rows.facts(after=after, until=part.last, limit=PAGE)
            yield page
            after = page[-1].place if page else part.last
