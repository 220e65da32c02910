from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from application.audit.ports import AuditWork
from application.audit.replaying.fold import Kind
from application.audit.replaying.scratch import FoldedRows
from application.shared.ports import Place


class Workshop(Protocol):
    """Where new versions of projections are built beside the ones in service; what is half built outlives a crash."""

    @property
    def rows(self) -> FoldedRows:
        """The tables of the new versions."""
        ...

    async def begin(self, kinds: Sequence[Kind], code: bytes) -> Place:
        """Make the tables, or find those that the same code left half built; return how far they have come."""
        ...

    async def drop(self, kinds: Sequence[Kind]) -> Sequence[Kind]:
        """Remove what is half built, and return of which kinds there was something."""
        ...

    def step(self) -> AbstractAsyncContextManager[AuditWork]:
        """Open a transaction for the next step."""
        ...

    async def reach(self, kinds: Sequence[Kind], place: Place) -> None:
        """Put on record, in the step's transaction, that everything up to here is among the rows."""
        ...

    async def hold(self, kinds: Sequence[Kind]) -> None:
        """Keep everybody from writing to the tables in service until the step ends, but from reading them nobody.

        Raises Unavailable when whoever writes to them does not come to an end soon enough.
        """
        ...

    async def switch(self, kinds: Sequence[Kind], place: Place) -> int:
        """Put the new versions in the place of the old, and return how many rows that changed.

        Raises Conflict when rows would refer to others that are not there.
        """
        ...


class OpenWorkshop(Protocol):
    """Gives the workshop to one at a time."""

    def __call__(self) -> AbstractAsyncContextManager[Workshop]:
        """Open the workshop; raises Conflict while somebody else is in it."""
        ...
