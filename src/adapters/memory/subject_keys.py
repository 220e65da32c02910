import secrets
from dataclasses import dataclass
from datetime import datetime

from adapters.codec.events import decode
from adapters.codec.personal import PERSONAL, Keyless, Subject, open_personal
from adapters.codec.sealing import SubjectKey
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Recorded
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class MemorySubjectKeys:
    """The keys of personal fields in memory; they need no wrapping, since nothing of them outlives the process."""

    transaction: Transaction

    @property
    def _table(self) -> Table[Id, Subject]:
        return Table(self.transaction, "subject_keys")

    def of(self, user: Id) -> Subject:
        """Return what opens this user's fields."""
        if not self.transaction.opens:
            return Keyless.NOT_YOURS
        return self._table.get(user) or Keyless.NEVER_MADE

    def made(self, user: Id) -> Subject:
        """Return what seals this user's fields, made if there is none yet."""
        known = self.of(user)
        if known is Keyless.NEVER_MADE:
            known = SubjectKey.of(secrets.token_bytes(32), since=len(self.transaction.store.log))
            self.transaction.written["subject_keys", user] = known
        return known

    async def hold_to_destroy(self, user: Id) -> bool:
        """Keep others from destroying the key, and say whether it can still be destroyed."""
        await self._table.hold(user)
        return self.of(user) is not Keyless.DESTROYED

    async def destroy(self, user: Id, *, at: datetime) -> None:
        """Destroy the key for ever, or see to it that there will never be one."""
        await self._table.put(user, Keyless.DESTROYED)

    def opened(self, recorded: Recorded) -> Recorded:
        """Return a fact of the log as this transaction may read it."""
        if recorded.type not in PERSONAL or recorded.user_id is None:
            return recorded
        told = open_personal(
            recorded.type,
            recorded.stored,
            user_id=recorded.user_id,
            place=recorded.place,
            subject=self.of(recorded.user_id),
        )
        return recorded._replace(fact=decode(recorded.type, told))
