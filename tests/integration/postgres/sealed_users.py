"""Users whose personal fields are sealed, and ways into their database with this ring of keys or that."""

from contextlib import AsyncExitStack

import psycopg
from tests.fixtures.database import Database
from tests.integration.postgres.facts import IDS, ME

from adapters.codec.ids import packed
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.secrets.key_ring import KeyRing, new_entry
from adapters.system.clock import SystemClock
from application.shared.ports import Place
from domain.identity.events import EmailVerified
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import Address
from domain.shared.ids import UserId

Databases = PostgresDatabase[PostgresWork]
OLD, NEW = new_entry("old"), new_entry("new")
NOW = SystemClock().now()
MAILBOX = "somebody@mailbox.example"


class Doors:
    """Opens the database with this ring or that one."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self.database, self._stack = database, stack

    def open(self, *lines: str, as_app: bool = False) -> Databases:
        ring = KeyRing.read("".join(lines)) if lines else None
        url = self.database.app_url if as_app else self.database.worker_url
        opened = PostgresDatabase(url, work=PostgresWork, clock=SystemClock(), ids=IDS, secrets=ring)
        self._stack.push_async_callback(opened.close)
        return opened

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(conninfo(self.database.admin_url), autocommit=True)


def wallet_of(user: UserId) -> Address:
    return Address("0x" + (2 * packed(user).hex())[-40:])


async def register(opened: Databases, user: UserId = ME) -> User:
    change = User.register(
        id=user, wallet=wallet_of(user), preferences=Preferences.of(RiskProfile.MODERATE), at=NOW
    )
    async with opened.begin(user) as work:
        await work.users.record(change)
        await work.users.record(change.state.reach_by_email(MAILBOX, at=NOW))
        return await work.users.get(user)


async def emails(opened: Databases, actor: UserId | None = None) -> list[str]:
    async with opened.begin(actor) as work:
        facts = await work.facts.after(Place(0), limit=100, types=(EmailVerified,))
    return [one.fact.email for one in facts if isinstance(one.fact, EmailVerified)]
