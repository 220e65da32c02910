from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.audit.ledger import ring
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor
from tests.unit.application.world import World

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.seals.keys import PublicKeys, SigningKey
from adapters.seals.no_anchor import NoAnchor
from adapters.system.clock import SystemClock
from application.audit.proving.seal_log import SealLog
from application.audit.proving.seals import Seal
from application.identity.appoint_operator import AppointOperator
from application.identity.dismiss_operator import DismissOperator
from domain.shared.chain import Address
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class Office:
    """Who keeps the log: the worker's way into the database, and the key that seals."""

    worker: PostgresDatabase[PostgresWork]
    world: World
    signing: SigningKey
    trusted: PublicKeys

    async def seal(self) -> Seal:
        made = await SealLog(self.worker.begin, self.world.clock, self.signing, NoAnchor())()
        assert made is not None
        return made

    async def appoint(self, visitor: Visitor) -> None:
        await AppointOperator(self.worker.begin, self.world.clock)(user_id=user_of(visitor))

    async def dismiss(self, visitor: Visitor) -> None:
        await DismissOperator(self.worker.begin, self.world.clock)(user_id=user_of(visitor))


def user_of(visitor: Visitor) -> UserId:
    return UserId(Id(visitor.id))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """The main loop on PostgreSQL, as the worker's role, at the real time."""
    world = World()
    world.clock.time = SystemClock().now()
    worker = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=world.clock, ids=world.ids, secrets=RING
    )
    world.begin = worker.begin
    for name in ("observes", "detects", "raises", "claims", "delivers"):
        setattr(world, name, replace(getattr(world, name), begin=worker.begin))
    yield Office(worker, world, *ring())
    await worker.close()


@pytest.fixture
def world(office: Office) -> World:
    return office.world


@pytest.fixture
async def house(office: Office, database: Database) -> AsyncIterator[House]:
    """The API on PostgreSQL, as the role that sees its actor's rows alone."""
    world = office.world
    app = PostgresDatabase(
        database.app_url, work=PostgresWork, clock=world.clock, ids=world.ids, secrets=RING
    )
    yield House(
        begin=app.begin,
        begin_sight=app.begin_sight,
        clock=world.clock,
        ids=world.ids,
        readers=world.readers,
        keys=office.trusted,
    )
    await app.close()


@pytest.fixture
def alarm(world: World) -> Callable[[Visitor], Awaitable[str]]:
    """Lets a visitor's wallet come near the line, and returns the id of the alert."""

    async def ring_it(visitor: Visitor) -> str:
        world.market.stakes[Address(visitor.wallet)] = (10, 12_000)
        await world.live(2000)
        await world.live(1650)
        return str((await visitor.get("/v1/alerts"))["items"][0]["id"])

    return ring_it
