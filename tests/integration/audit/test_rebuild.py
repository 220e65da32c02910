import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.audit.lived import by_hand, live_a_little, world_on
from tests.integration.postgres.schema import schema_of
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.folded_tables import FOLDED
from adapters.postgres.replaying.workshop import PostgresWorkshops
from adapters.postgres.urls import conninfo
from application.audit.replaying import rebuild, states, stretch
from application.audit.replaying.fold import Kind
from application.audit.replaying.rebuild import RebuildProjections
from domain.shared.errors import Conflict, Unavailable

INVENTED = """
    INSERT INTO users (id, wallet_address, preferences, registered_at, version)
    SELECT gen_random_uuid(), '0x00000000000000000000000000000000000000ff', preferences, now(), 1 FROM users LIMIT 1
"""
DAMAGE = (
    "UPDATE alerts SET message = 'Nothing to worry about.'",
    "UPDATE signals SET status = 'expired' WHERE ctid = (SELECT min(ctid) FROM signals)",
    "DELETE FROM deliveries WHERE ctid = (SELECT min(ctid) FROM deliveries)",
    "DELETE FROM wallets WHERE ctid = (SELECT min(ctid) FROM wallets)",
    "UPDATE users SET email = 'mallory@example.org'",
    INVENTED,
)


@pytest.fixture
async def opened(database: Database) -> AsyncIterator[tuple[World, RebuildProjections]]:
    async with world_on(database) as (world, rebuilds):
        yield world, rebuilds


async def test_what_was_altered_deleted_or_invented_by_hand_is_put_right(
    opened: tuple[World, RebuildProjections], database: Database
) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    before = schema_of(database.admin_url)
    by_hand(database, *DAMAGE)
    damaged = await world.replay()
    assert damaged.count > len(DAMAGE)
    done = await rebuilds(list(Kind))
    assert done.changed >= damaged.count
    report = await world.replay()
    assert report.differences == ()
    assert report.pending == 0
    assert schema_of(database.admin_url) == before
    assert (await rebuilds(list(Kind))).changed == 0


async def test_a_single_projection_is_rebuilt_and_the_others_are_left_alone(
    opened: tuple[World, RebuildProjections], database: Database
) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    by_hand(database, *DAMAGE[:2])
    assert (await rebuilds([Kind.ALERT])).changed > 0
    assert {one.sentence.split()[2] for one in (await world.replay()).differences} == {"signal"}


async def test_rows_that_would_refer_to_nothing_are_refused(
    opened: tuple[World, RebuildProjections], database: Database
) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    by_hand(database, "DELETE FROM alerts", "DELETE FROM signals")
    with pytest.raises(Conflict, match="together"):
        await rebuilds([Kind.ALERT])
    await rebuilds(list(Kind))
    assert (await world.replay()).identical


async def test_everything_goes_on_while_projections_are_rebuilt(
    opened: tuple[World, RebuildProjections], monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(stretch, "LONGEST", 20)
    monkeypatch.setattr(rebuild, "NEAR", 5)
    monkeypatch.setattr(states, "MOST", 10)
    world, rebuilds = opened
    await live_a_little(world)
    by_hand(
        database, DAMAGE[4]
    )  # of nobody to whom anything happens meanwhile: else the fingerprints would tell
    over = asyncio.Event()

    async def go_on() -> int:
        lived = 0
        while not over.is_set() or lived < 4:
            await world.live(1350 if lived % 2 else 2000)
            await world.register(wallet(100 + lived))
            lived += 1
        return lived

    going = asyncio.create_task(go_on())
    for _ in range(3):
        assert (await rebuilds(list(Kind))).place > 0
    over.set()
    assert await going >= 4
    report = await world.replay()
    assert report.differences == ()
    assert report.pending == 0


async def test_whoever_is_done_lets_others_begin_before_the_connection_has_ended(
    opened: tuple[World, RebuildProjections], monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    _, rebuilds = opened
    assert isinstance(rebuilds.open, PostgresWorkshops)
    async with rebuilds.open.database.session() as lasting:
        monkeypatch.setattr(PostgresDatabase, "session", lambda _: nullcontext(lasting))
        await rebuilds([Kind.USER])
        with psycopg.connect(conninfo(database.worker_url)) as other:
            assert other.execute("SELECT pg_try_advisory_lock(1347177740)").fetchone() == (True,)


async def test_a_writer_who_does_not_end_is_not_waited_for_long(
    opened: tuple[World, RebuildProjections], monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(rebuild, "ATTEMPTS", 2)
    monkeypatch.setattr(rebuild, "PAUSE", 0.01)
    world, rebuilds = opened
    await live_a_little(world)
    by_hand(database, DAMAGE[0])
    with psycopg.connect(conninfo(database.worker_url)) as writer:
        writer.execute("UPDATE alerts SET severity = severity")
        with pytest.raises(Unavailable):
            await rebuilds([Kind.ALERT])
        assert not (await world.replay()).identical
        await world.observe(1350)  # others go on
    done = await rebuilds([Kind.ALERT])
    assert done.resumed_at > 0
    assert done.changed > 0
    assert (await world.replay()).identical


async def test_only_one_rebuilds_at_a_time(opened: tuple[World, RebuildProjections]) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    async with rebuilds.open():
        with pytest.raises(Conflict, match="another process"):
            await rebuilds([Kind.USER])


async def test_a_log_that_does_not_hold_is_not_built_from(
    opened: tuple[World, RebuildProjections], database: Database
) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    by_hand(database, "DELETE FROM events WHERE type = 'alert.raised.v1'")
    with pytest.raises(Conflict, match="does not hold"):
        await rebuilds([Kind.ALERT])
    assert await rebuilds.drop(list(Kind)) == [Kind.ALERT]
    assert await rebuilds.drop(list(Kind)) == []


KILLED = Path(__file__).with_name("rebuilder.py")


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_rebuild_killed_leaves_the_old_version_and_can_go_on_or_be_dropped(
    opened: tuple[World, RebuildProjections], database: Database, goes_on: bool
) -> None:
    world, rebuilds = opened
    await live_a_little(world)
    before = schema_of(database.admin_url)
    _kill_half_way(database)
    assert (await world.replay()).identical
    if goes_on:
        by_hand(database, *DAMAGE[:2])
        assert (await rebuilds(list(Kind))).resumed_at > 0
        assert (await world.replay()).identical
    else:
        assert set(await rebuilds.drop(list(Kind))) == set(Kind)
    assert schema_of(database.admin_url) == before


def _kill_half_way(database: Database) -> None:
    started = subprocess.Popen(
        [sys.executable, str(KILLED), database.worker_url],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert started.stdout is not None
    with started:
        assert started.stdout.readline() == b"half way\n"
        os.kill(started.pid, signal.SIGKILL)


def test_both_sides_name_the_same_tables_and_columns(database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        for kind in Kind:
            folded = FOLDED[kind]
            [[tables]] = connection.execute("SELECT tables_of_projection(%s)", [kind.value]).fetchall()
            assert tables[0] == folded.table.name
            [[names]] = connection.execute("SELECT folded_columns(%s)", [folded.table.name]).fetchall()
            assert set(names.split(", ")) == set(folded.columns)
