from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.audit.ledger import Ledger, ledger_on
from tests.integration.audit.lived import live_a_little, world_on
from tests.unit.application.world import World

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


@pytest.fixture
async def ledger(database: Database, tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = PostgresDatabase(
        database.worker_url,
        work=PostgresWork,
        clock=SystemClock(),
        ids=SystemIds(),
        secrets=RING,
        pool_size=2,
    )
    yield ledger_on(opened, database.admin_url, tmp_path)
    await opened.close()


@pytest.fixture
async def lived(database: Database) -> AsyncIterator[World]:
    """A world that lived a little on PostgreSQL."""
    async with world_on(database) as (world, _):
        await live_a_little(world)
        yield world
