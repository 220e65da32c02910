from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from adapters.codec.personal import PERSONAL
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.audit.forgetting import PersonalFacts
from application.identity.ports import ContactCode, Session
from domain.alerts.delivery import Delivery, DeliveryStatus
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import UserId


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

    async def erase(self, user_id: UserId) -> int:
        """Remove sign-ins, tokens, codes and answers, and blank what channels said; return how many rows that were."""
        erased = 0
        sessions: Table[bytes, Session] = Table(self.transaction, "sessions")
        for session in [one for one in sessions.all() if one.user_id == user_id]:
            await sessions.remove(session.token_hash)
            erased += 1
        codes: Table[tuple[UserId, str], ContactCode] = Table(self.transaction, "contact_codes")
        for code in [one for one in codes.all() if one.user_id == user_id]:
            await codes.remove((user_id, code.channel))
            erased += 1
        answers: Table[Hashable, object] = Table(self.transaction, "idempotency_keys")
        for key in list(self.transaction.store.rows.get("idempotency_keys", {})):
            if isinstance(key, tuple) and key[0] == user_id:
                await answers.remove(key)
                erased += 1
        return erased + await self._blank(user_id)

    async def revived(self) -> Sequence[UserId]:
        """Return nobody: no backup ever brings back what memory forgot."""
        return ()

    async def _blank(self, user_id: UserId) -> int:
        table: Table[UUID, Delivery] = Table(self.transaction, "deliveries")
        told = [one for one in self._deliveries(user_id) if one.reason is not None or one.receipt is not None]
        for one in told:
            receipt = None if one.receipt is None else dict.fromkeys(one.receipt, FORGOTTEN)
            reason = None if one.reason is None else FORGOTTEN
            await table.put(one.id, replace(one, receipt=receipt, reason=reason))
        return len(told)

    def _deliveries(self, user_id: UserId) -> list[Delivery]:
        table: Table[UUID, Delivery] = Table(self.transaction, "deliveries")
        return sorted((one for one in table.all() if one.user_id == user_id), key=lambda one: one.id)
