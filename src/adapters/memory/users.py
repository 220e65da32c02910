from dataclasses import dataclass

from adapters.memory.aggregates import Aggregates
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.shared.ports import Facts
from domain.identity.user import User, UserChange
from domain.shared.chain import Address
from domain.shared.errors import NotFound, StaleWrite
from domain.shared.ids import UserId


def users_in(transaction: Transaction, facts: Facts) -> Aggregates[User]:
    """Return the users as the transaction sees them."""
    return Aggregates(Table(transaction, "users"), facts, lambda user: user.id, "This account")


@dataclass(frozen=True, slots=True)
class MemoryUsers:
    """Users in memory."""

    states: Aggregates[User]

    async def get(self, user_id: UserId) -> User:
        """Return the user, or raise NotFound."""
        user = self.states.find(user_id)
        if user is None:
            raise NotFound("There is no such account.")
        return user

    async def hold(self, user_id: UserId) -> User:
        """Return the user, and keep others from changing them until the commit; or raise NotFound."""
        await self.states.table.hold(user_id)
        return await self.get(user_id)

    async def record(self, change: UserChange) -> None:
        """Store the state; a second account for one wallet raises StaleWrite."""
        wallet = change.state.wallet_address
        await self.states.table.transaction.hold(("sign-ins", wallet))
        if change.state.deleted_at is None and await self.having(wallet) not in {None, change.state.id}:
            raise StaleWrite(self.states.noun)
        await self.states.record(change)

    async def having(self, wallet: Address) -> UserId | None:
        """Return the user who signs in with this wallet."""
        everybody = self.states.table.all()
        return next(
            (user.id for user in everybody if user.wallet_address == wallet and user.deleted_at is None), None
        )
