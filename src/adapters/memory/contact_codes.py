from dataclasses import dataclass
from datetime import datetime

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.identity.ports import ContactCode
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryContactCodes:
    """Codes that wait to come back, in memory."""

    transaction: Transaction

    @property
    def _table(self) -> Table[tuple[UserId, str], ContactCode]:
        return Table(self.transaction, "contact_codes")

    async def issue(self, code: ContactCode) -> None:
        """Store a code of the actor; an earlier one for the same channel is void."""
        await self._table.put((code.user_id, code.channel), code)

    async def redeem(self, code_hash: bytes, channel: str, *, at: datetime) -> ContactCode | None:
        """Use the code up and return it; None when unknown, expired, used, or nobody can tell whose it is."""
        found = [
            code
            for code in self._table.all()
            if code.code_hash == code_hash and code.channel == channel and self.transaction.sees(code.user_id)
        ]
        if len(found) != 1:
            return None
        key = (found[0].user_id, channel)
        await self._table.hold(key)
        code = self._table.get(key)
        if code is None or code.code_hash != code_hash or code.expires_at <= at:
            return None
        await self._table.remove(key)
        return code
