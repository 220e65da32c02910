"""A process that rebuilds everything, and stays where it is once half of it is on record: to be killed there."""

import asyncio
import sys
import time

from tests.fixtures.secrets import RING

from adapters.codec.fingerprint import fingerprint
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.workshop import PostgresWorkshops
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.replaying import rebuild, states, stretch
from application.audit.replaying.fold import Kind
from application.shared.ports import Place


def stay(place: Place, last: Place) -> None:
    if place > last // 2:
        print("half way", flush=True)
        time.sleep(60)


async def main(url: str) -> None:
    for part, name, few in ((stretch, "LONGEST", 10), (rebuild, "NEAR", 1), (states, "MOST", 1)):
        setattr(part, name, few)  # so that a short log has a middle
    database = PostgresDatabase(url, work=PostgresWork, clock=SystemClock(), ids=SystemIds(), secrets=RING)
    rebuilds = rebuild.RebuildProjections(PostgresWorkshops(database), fingerprint, bytes(32))
    await rebuilds(list(Kind), progress=stay)


asyncio.run(main(sys.argv[1]))
