from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import names_of
from adapters.codec.personal import PERSONAL
from adapters.postgres.deliveries import deliveries, delivery_of
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.statements import fetch
from application.audit.forgetting.forgetting import PersonalFacts
from application.audit.proving.archive import ArchiveFault, Wanted
from application.audit.proving.stored_log import BEGINNING
from application.shared.ports import Place
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.identity.events import UserForgotten
from domain.shared.errors import Conflict
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import Id, UserId

_FACTS: Final = """
SELECT since, count(position) FILTER (WHERE position > since) AS sealed,
    count(position) FILTER (WHERE position <= since) AS clear
FROM coalesce(
    (SELECT sealed_after FROM subject_keys WHERE user_id = %(user)s), 9223372036854775807
) AS made(since)
LEFT JOIN events ON user_id = %(user)s AND type = ANY (%(names)s) AND position > %(cut)s
GROUP BY since
"""
# The lock of the workshop in which projections are rebuilt.
_NOBODY_REBUILDS: Final = "SELECT pg_try_advisory_xact_lock(1347177740) AS so"
_DROP_HALF_BUILT: Final = "SELECT drop_rebuild(kind) FROM unnest(ARRAY['user', 'delivery']) AS of(kind)"
_REVIVED: Final = """
SELECT user_id AS id FROM subject_keys WHERE wrapped_key IS NOT NULL AND user_id IN (
    SELECT id FROM users WHERE forgotten_at IS NOT NULL
    UNION ALL SELECT user_id FROM events WHERE type = ANY (%(names)s)
) ORDER BY 1
"""
_ERASE: Final = (
    *(
        text(f"DELETE FROM {table} WHERE user_id = :user")  # noqa: S608 - no name comes from outside
        for table in ("sessions", "contact_codes", "idempotency_keys", "snapshots", "audit_jobs")
    ),
    text("""
        UPDATE deliveries SET
            reason = CASE WHEN reason IS NOT NULL THEN :forgotten END,
            receipt = CASE WHEN receipt IS NOT NULL THEN coalesce(
                (SELECT jsonb_object_agg(key, CAST(:forgotten AS text)) FROM jsonb_each(receipt)), '{}'
            ) END
        WHERE user_id = :user AND (reason IS NOT NULL OR receipt IS NOT NULL)
    """),
)


@dataclass(frozen=True, slots=True)
class PostgresTraces:
    """What is kept of a person beside the log, in PostgreSQL."""

    connection: AsyncConnection
    archived: PostgresArchived

    async def facts(self, user_id: UserId) -> PersonalFacts:
        """Count the facts with personal fields that the log holds of the user, also in the files that can be read."""
        cut, names = await self.archived.cut(), tuple(PERSONAL)
        [found] = await fetch(self.connection, _FACTS, {"user": user_id, "names": list(names), "cut": cut})
        wanted = Wanted(after=BEGINNING, until=cut, types=names, users=frozenset({user_id}))
        places: list[Place] = []
        complete = True
        try:
            places = [one.place for one in await self.archived.facts(wanted)] if cut else []
        except ArchiveFault:
            complete = False  # who is to be forgotten is, whatever became of a file
        clear = sum(place <= found.since for place in places)
        sealed = found.sealed + len(places) - clear
        return PersonalFacts(sealed=sealed, in_the_clear=found.clear + clear, complete=complete)

    async def drop_half_built(self) -> None:
        """Drop copies of states that nobody has finished; raises Conflict while somebody is at it."""
        [free] = await fetch(self.connection, _NOBODY_REBUILDS, {})
        if not free.so:
            raise Conflict(
                "Projections are being rebuilt, and that would bring back what is forgotten: wait for its end."
            )
        await fetch(self.connection, _DROP_HALF_BUILT, {})

    async def pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Return the attempts to reach the user that are still to be made."""
        return await self._deliveries(_pending(user_id))

    async def hold_pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Wait for whoever is settling one; then return those still to be made, and keep others from them."""
        return await self._deliveries(_pending(user_id).with_for_update())

    async def erase(self, user_id: UserId) -> int:
        """Remove sign-ins, tokens, codes and answers, and blank what channels said; return how many rows that were."""
        values: dict[str, Id | str] = {"user": user_id}
        erased = 0
        for statement in _ERASE:
            told = values | {"forgotten": FORGOTTEN} if "forgotten" in statement.text else values
            erased += (await self.connection.execute(statement, told)).rowcount
        return erased

    async def revived(self) -> Sequence[UserId]:
        """Return who was forgotten and has a key all the same: a backup brought it back."""
        names = {"names": list(names_of(UserForgotten))}
        return [UserId(row.id) for row in await fetch(self.connection, _REVIVED, names)]

    async def _deliveries(self, query: Select[Any]) -> tuple[Delivery, ...]:
        return tuple(delivery_of(row) for row in await self.connection.execute(query))


def _pending(user_id: UserId) -> Select[Any]:
    theirs = (deliveries.c.user_id == user_id, deliveries.c.status == DeliveryStatus.PENDING.value)
    return select(deliveries).where(*theirs).order_by(deliveries.c.id)
