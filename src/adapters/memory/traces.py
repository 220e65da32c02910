from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from adapters.codec.personal import PERSONAL
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.audit.forgetting.forgetting import PersonalFacts
from application.audit.jobs.audit_job import AuditJob
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class MemoryTraces:
    """What is kept of a person beside the log, in memory; the log itself is never older than its keys there."""

    transaction: Transaction

    async def facts(self, user_id: UserId) -> PersonalFacts:
        """Count the facts with personal fields that the log holds of the user."""
        theirs = (one for one in self.transaction.store.log if one.user_id == user_id)
        return PersonalFacts(sealed=sum(one.type in PERSONAL for one in theirs), in_the_clear=0)

    async def drop_half_built(self) -> None:
        """Drop nothing: whatever is built from memory goes with its process."""

    async def pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Return the attempts to reach the user that are still to be made."""
        return tuple(one for one in self._deliveries(user_id) if one.status is DeliveryStatus.PENDING)

    async def hold_pending(self, user_id: UserId) -> tuple[Delivery, ...]:
        """Wait for whoever is settling one; then return those still to be made, and keep others from them."""
        table: Table[Id, Delivery] = Table(self.transaction, "deliveries")
        for one in await self.pending(user_id):
            await table.hold(one.id)
        return await self.pending(user_id)

    async def erase(self, user_id: UserId) -> int:
        """Remove sign-ins, tokens, codes and answers, and blank what channels said; return how many rows that were."""
        erased = 0
        for name in ("sessions", "contact_codes", "idempotency_keys", "stream_snapshots", "audit_jobs"):
            table: Table[Hashable, object] = Table(self.transaction, name)
            for key, row in list(self.transaction.store.rows.get(name, {}).items()):
                if user_id in {_owner(row), key[0] if isinstance(key, tuple) else None}:
                    await table.remove(key)
                    erased += 1
        return erased + await self._blank(user_id)

    async def revived(self) -> Sequence[UserId]:
        """Return nobody: no backup ever brings back what memory forgot."""
        return ()

    async def _blank(self, user_id: UserId) -> int:
        table: Table[Id, Delivery] = Table(self.transaction, "deliveries")
        told = [one for one in self._deliveries(user_id) if one.reason is not None or one.receipt is not None]
        for one in told:
            receipt = None if one.receipt is None else dict.fromkeys(one.receipt, FORGOTTEN)
            reason = None if one.reason is None else FORGOTTEN
            await table.put(one.id, replace(one, receipt=receipt, reason=reason))
        return len(told)

    def _deliveries(self, user_id: UserId) -> list[Delivery]:
        table: Table[Id, Delivery] = Table(self.transaction, "deliveries")
        return sorted((one for one in table.all() if one.user_id == user_id), key=lambda one: one.id)


def _owner(row: object) -> object:
    return row.sight.viewer if isinstance(row, AuditJob) else getattr(row, "user_id", None)
