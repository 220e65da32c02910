from collections.abc import Sequence
from dataclasses import dataclass

from application.audit.ports import AuditWork
from application.audit.reading.fact_names import names_like
from application.audit.reading.fact_search import FactFilter, Found
from application.audit.reading.moment import Moment, place_at, place_before
from application.shared.ports import Begin, Place
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class ListFacts:
    """Show the log: a user what it holds of theirs, an auditor everything."""

    begin: Begin[AuditWork]

    async def __call__(
        self,
        *,
        actor: UserId | None,
        limit: int,
        after: Place | None = None,
        reverse: bool = False,
        since: Moment | None = None,
        until: Moment | None = None,
        types: Sequence[str] = (),
        stream: Id | None = None,
        user: UserId | None = None,
        correlation: Id | None = None,
    ) -> tuple[Found, ...]:
        """Return the next such facts after a position, in the order of the log or (`reverse`) newest first.

        `since` and `until` are positions or times and belong to the range; `types` may be stored names or beginnings
        of them (`alert.`). Raises Invalid for a type that there is not.
        """
        async with self.begin(actor) as work:
            low = Place(0) if since is None else await place_before(work.facts, since)
            high = None if until is None else await place_at(work.facts, until)
            if after is not None and reverse:
                high = Place(after - 1 if high is None else min(high, after - 1))
            elif after is not None:
                low = max(low, after)
            wanted = FactFilter(
                after=low,
                until=high,
                names=names_like(types, work.search.names),
                stream=stream,
                user=user,
                correlation=correlation,
            )
            return tuple(await work.search.find(wanted, limit=limit, reverse=reverse))
