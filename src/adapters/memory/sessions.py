from dataclasses import dataclass
from datetime import datetime

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.identity.ports import Session
from domain.identity.user import User
from domain.shared.errors import StaleWrite
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemorySessions:
    """Open sign-ins in memory; a closed one is forgotten."""

    transaction: Transaction

    @property
    def _table(self) -> Table[bytes, Session]:
        return Table(self.transaction, "sessions")

    async def open(self, session: Session) -> None:
        """Store a new session of the actor."""
        await self._table.hold(session.token_hash)
        if self._table.get(session.token_hash) is not None or not self.transaction.sees(session.user_id):
            raise StaleWrite("This session")
        await self._table.put(session.token_hash, session)

    async def holder(self, token_hash: bytes, at: datetime) -> UserId | None:
        """Return whose token this is, unless it is unknown, closed or expired, or they have left."""
        session = self._table.get(token_hash)
        if session is None or session.expires_at <= at:
            return None
        users: Table[UserId, User] = Table(self.transaction, "users")
        user = users.get(session.user_id)
        return None if user is None or user.deleted_at is not None else user.id

    async def close(self, token_hash: bytes) -> None:
        """Close the actor's session; closing it twice changes nothing."""
        session = self._table.get(token_hash)
        if session is not None and self.transaction.sees(session.user_id):
            await self._table.remove(token_hash)

    async def named(self) -> tuple[Session, ...]:
        """Return the actor's API tokens that are open, newest first."""
        now = self.transaction.store.clock.now()
        mine = [
            session
            for session in self._table.all()
            if session.name and session.expires_at > now and session.user_id == self.transaction.actor
        ]
        return tuple(sorted(mine, key=lambda session: (session.opened_at, session.token_hash), reverse=True))
