from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import document, metadata, write
from application.shared.ports import Facts
from domain.identity.events import UserDeleted, UserEvent, UserForgotten, WalletLinked, WalletUnlinked
from domain.identity.preferences import Preferences
from domain.identity.user import User, UserChange, Wallet
from domain.shared.chain import Address
from domain.shared.errors import NotFound
from domain.shared.ids import Id, UserId

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("wallet_address", Text),
    Column("preferences", JSONB),
    Column("telegram_chat_id", Text),
    Column("email", Text),
    Column("registered_at", DateTime(timezone=True)),
    Column("deleted_at", DateTime(timezone=True)),
    Column("forgotten_at", DateTime(timezone=True)),
    Column("version", BigInteger),
    info={"noun": "account"},
)

wallets = Table(
    "wallets",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("label", Text),
    Column("linked_at", DateTime(timezone=True)),
    Column("linked_version", BigInteger),
)

_PREFERENCES = TypeAdapter(Preferences)


@dataclass(frozen=True, slots=True)
class PostgresUsers:
    """Users in PostgreSQL, with their wallets in the order in which they were linked."""

    connection: AsyncConnection
    facts: Facts

    async def get(self, user_id: UserId) -> User:
        """Return the user, or raise NotFound."""
        return await self._found(select(users).where(users.c.id == user_id))

    async def hold(self, user_id: UserId) -> User:
        """Return the user, and keep others from changing them until the commit; or raise NotFound."""
        return await self._found(select(users).where(users.c.id == user_id).with_for_update())

    async def record(self, change: UserChange) -> None:
        """Store the state and append the facts at the commit; a second account for one wallet raises StaleWrite."""
        await write(self.connection, self.facts, users, change, row_of(change.state))
        before = change.state.version - len(change.facts)
        for version, fact in enumerate(change.facts, start=before + 1):
            await self._follow(fact, version)

    async def having(self, wallet: Address) -> UserId | None:
        """Return the user who signs in with this wallet; works before an actor is known."""
        return await self.connection.scalar(select(func.user_of_wallet(wallet, type_=ID)))

    async def page(self, *, after: Id | None, limit: int) -> Sequence[User]:
        """Return users in the order of their ids."""
        query = select(users).order_by(users.c.id).limit(limit)
        return await self._having_wallets(query if after is None else query.where(users.c.id > after))

    async def _found(self, query: Select[Any]) -> User:
        found = await self._having_wallets(query)
        if not found:
            raise NotFound("There is no such account.")
        return found[0]

    async def _having_wallets(self, query: Select[Any]) -> list[User]:
        rows = (await self.connection.execute(query)).all()
        linked: dict[Id, list[Wallet]] = defaultdict(list)
        of_these = select(wallets).where(wallets.c.user_id.in_([row.id for row in rows]))
        for row in await self.connection.execute(of_these.order_by(wallets.c.linked_version)):
            linked[row.user_id].append(Wallet(row.address, row.label, row.linked_at))
        return [user_of(row, tuple(linked[row.id])) for row in rows]

    async def _follow(self, fact: UserEvent, version: int) -> None:
        match fact:
            case WalletLinked():
                row = {
                    "user_id": fact.user_id,
                    "address": fact.address,
                    "label": fact.label,
                    "linked_at": fact.at,
                    "linked_version": version,
                }
                await self.connection.execute(insert(wallets).values(row))
            case WalletUnlinked():
                named = (wallets.c.user_id == fact.user_id, wallets.c.address == fact.address)
                await self.connection.execute(delete(wallets).where(*named))
            case UserDeleted() | UserForgotten():
                await self.connection.execute(delete(wallets).where(wallets.c.user_id == fact.user_id))
            case _:
                pass


def row_of(user: User) -> dict[str, object]:
    """Return what the columns hold for a user, except for id and version."""
    return {
        "wallet_address": user.wallet_address,
        "preferences": document(user.preferences),
        "telegram_chat_id": user.telegram_chat_id,
        "email": user.email,
        "registered_at": user.registered_at,
        "deleted_at": user.deleted_at,
        "forgotten_at": user.forgotten_at,
    }


def user_of(row: Any, linked: tuple[Wallet, ...]) -> User:
    """Return the user that a row holds, with the wallets that are linked to it."""
    return User(
        id=row.id,
        wallet_address=row.wallet_address,
        preferences=_PREFERENCES.validate_python(row.preferences),
        registered_at=row.registered_at,
        wallets=linked,
        telegram_chat_id=row.telegram_chat_id,
        email=row.email,
        deleted_at=row.deleted_at,
        forgotten_at=row.forgotten_at,
        version=row.version,
    )
