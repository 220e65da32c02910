from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import psycopg
import pytest
from tests.contract.work import Work
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.scratch import PostgresScratch
from adapters.postgres.work import PostgresWork
from adapters.scratch.reactions import ScratchReactions
from adapters.system.ids import SystemIds
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.ports import Refused
from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.reading.list_facts import ListFacts
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.fold import Kind
from application.audit.replaying.report import DifferenceKind
from application.shared.ports import Place
from application.signals.expire_signals import ExpireSignals
from domain.alerts.errors import AlertNotFound
from domain.identity.preferences import Channel, SignalType
from domain.shared.ids import UserId


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """The main loop on PostgreSQL: users through the HTTP server's role, Plimsoll itself through the worker's."""
    clock = ManualClock()
    served, working = (
        PostgresDatabase(url, work=PostgresWork, clock=clock, ids=SystemIds(), secrets=RING, pool_size=4)
        for url in (database.app_url, database.worker_url)
    )

    def begin(actor: UserId | None) -> AbstractAsyncContextManager[Work]:
        return working.begin(None) if actor is None else served.begin(actor)

    yield World(begin, clock, PostgresScratch(working, ScratchReactions))
    await served.close()
    await working.close()


async def _whole_loop(world: World) -> tuple[UserId, UserId]:
    alice = await world.register(
        wallet(1), wallet(3), told_by=(Channel.IN_APP, Channel.TELEGRAM), telegram="42"
    )
    bob = await world.register(wallet(2), wallet(3))
    world.market.stakes = {wallet(1): (10, 10_000), wallet(2): (10, 11_000), wallet(3): (1, 900)}
    world.peers[Channel.TELEGRAM].answers = [Refused("busy"), Refused("blocked", final=True)]
    await world.searches(chain_id=CHAIN)
    await world.live()
    await world.live(1750)
    await world.live(1350)
    alert = next(one for one in await world.alerts() if one.user_id == alice)
    await AcknowledgeAlert(world.begin, world.clock)(actor=alice, alert_id=alert.id)
    await world.prefer(alice, low="1.3")
    await world.live(1340)
    world.market.liquidate(wallet(2))
    del world.market.stakes[wallet(3)]
    await world.searches(chain_id=CHAIN)
    await world.live(1900)
    await world.unlink(alice, wallet(3))
    await world.live(2000, minutes=60 * 25)
    await ExpireSignals(world.begin, world.clock)()
    await world.live(2000)
    return alice, bob


async def test_a_whole_loop_replays_identically_in_memory(world: World) -> None:
    await _whole_loop(world)
    report = await world.replay()
    assert report.differences == ()
    assert report.pending == 0
    assert report.decisions > 30
    assert report.states == report.streams > 20


async def test_every_alert_is_explained_to_its_user_and_to_an_auditor_and_to_nobody_else(
    world: World,
) -> None:
    users = await _whole_loop(world)
    explains = ExplainAlert(world.begin)
    alerts = await world.alerts()
    assert {alert.type for alert in alerts} == set(SignalType)
    for alert in alerts:
        [stranger] = set(users) - {alert.user_id}
        for actor in (None, alert.user_id):
            told = await explains(actor=actor, alert_id=alert.id)
            assert told.obstacle is None
            assert told.reproduced
            assert told.alert == alert
        with pytest.raises(AlertNotFound):
            await explains(actor=stranger, alert_id=alert.id)


async def test_state_as_of_now_is_the_stored_state(world: World) -> None:
    alice, _ = await _whole_loop(world)
    for alert in await world.alerts():
        state = await StateAsOf(world.begin)(actor=alert.user_id, kind=Kind.ALERT, id=alert.id)
        assert state == alert
    before = await StateAsOf(world.begin)(
        actor=None, kind=Kind.USER, id=alice, at=world.clock.now() - timedelta(days=1)
    )
    assert before.version > 1
    assert {one.user_id for one in await ListFacts(world.begin)(actor=alice, after=Place(0), limit=50)} == {
        alice
    }


async def test_an_altered_row_and_a_forged_snapshot_are_named(world: World, database: Database) -> None:
    await _whole_loop(world)
    url = database.admin_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE alerts SET message = 'Nothing to worry about.'")
        admin.execute(
            "UPDATE positions SET observation = replace(encode(observation, 'escape'), 'WETH', 'WBTC')::bytea"
        )
    kinds = {difference.kind for difference in (await world.replay()).differences}
    assert kinds == {DifferenceKind.STATE_ALTERED, DifferenceKind.INPUT_TAMPERED}
