from dataclasses import dataclass

from application.audit.ports import AuditWork
from application.shared.ports import Begin, Place, Recorded
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ListFacts:
    """Show the log: a user what it holds of theirs, an auditor everything."""

    begin: Begin[AuditWork]

    async def __call__(self, *, actor: UserId | None, after: Place, limit: int) -> tuple[Recorded, ...]:
        """Return the next facts after a place, in the order of the log."""
        async with self.begin(actor) as work:
            return tuple(await work.facts.after(after, limit=limit))
