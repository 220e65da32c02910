from dataclasses import dataclass
from datetime import datetime

from application.audit.ports import AuditWork, State
from application.audit.reading.stream_state import state_at
from application.audit.replaying.fold import Kind
from application.shared.ports import Begin, Place
from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class StateAsOf:
    """Show what something was at a place of the log, or at a moment, from the log alone."""

    begin: Begin[AuditWork]

    async def __call__(
        self,
        *,
        actor: UserId | None,
        kind: Kind,
        id: Id,
        place: Place | None = None,
        at: datetime | None = None,
    ) -> State:
        """Return the state as of then (now, when neither is given); raises NotFound when it was not there yet.

        Raises Invalid when both are given, and HistoryBroken when the log contradicts itself.
        """
        if place is not None and at is not None:
            raise Invalid("Name either a place in the log or a moment, not both.")
        async with self.begin(actor) as work:
            if place is None:
                place = await work.facts.last(by=at)
            state = await state_at(work, actor, kind, id, until=place)
        if state is None:
            raise NotFound(f"There is no {kind} {id} at that point of the log.")
        return state
