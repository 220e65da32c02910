from dataclasses import dataclass
from typing import Protocol

from application.audit.proving.seals import SealNotFound, Seals, StoredSeal
from application.shared.ports import Begin


class SealsWork(Protocol):
    """What reading seals needs of its transaction."""

    @property
    def seals(self) -> Seals:
        """The seals."""
        ...


@dataclass(frozen=True, slots=True)
class ListSeals:
    """Show the seals, which are nobody's secret."""

    begin: Begin[SealsWork]

    async def __call__(self, *, after: int, limit: int) -> tuple[StoredSeal, ...]:
        """Return the seals after a number, in order."""
        async with self.begin(None) as work:
            return tuple(await work.seals.after(after, limit=limit))


@dataclass(frozen=True, slots=True)
class GetSeal:
    """Show one seal."""

    begin: Begin[SealsWork]

    async def __call__(self, number: int | None) -> StoredSeal:
        """Return it, the newest where none is named; raises SealNotFound."""
        async with self.begin(None) as work:
            found = await work.seals.last() if number is None else await work.seals.get(number)
        if found is None:
            raise SealNotFound
        return found
