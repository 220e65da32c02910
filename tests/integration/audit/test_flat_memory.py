import gc

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.audit.long_log import USERS, write_long_log

from adapters.codec.fingerprint import fingerprint
from adapters.codec.reproduced import reproduced
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.scratch import PostgresScratch
from adapters.postgres.work import PostgresWork
from adapters.scratch import rows
from adapters.scratch.reactions import ScratchReactions
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.replaying import states, stretch
from application.audit.replaying.replay import Replay
from application.shared.ports import Place

FACTS = 2_500


async def test_memory_does_not_grow_with_the_log(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few things at hand, so that a short log is long: then nothing may be left of what was gone through."""
    await write_long_log(database, FACTS)
    monkeypatch.setattr(stretch, "LONGEST", 200)
    monkeypatch.setattr(states, "MOST", 100)
    monkeypatch.setattr(rows, "_MOST", 100)
    opened = PostgresDatabase(
        database.worker_url,
        work=PostgresWork,
        clock=SystemClock(),
        ids=SystemIds(),
        secrets=RING,
        pool_size=1,
    )
    alive: list[int] = []

    def count(place: Place, last: Place) -> None:
        gc.collect()
        alive.append(len(gc.get_objects()))

    replay = Replay(opened.begin, PostgresScratch(opened, ScratchReactions), fingerprint, reproduced)
    report = await replay(progress=count)
    await opened.close()
    assert report.identical
    assert report.facts >= FACTS
    assert report.memories == 3 * USERS
    assert report.followed == report.until
    early, late = max(alive[3:8]), max(alive[-5:])
    assert late - early < 3_000
