import pytest
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from adapters.memory import facts
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.ports import Refused
from application.audit.replaying import stretch
from application.audit.replaying.report import DifferenceKind
from application.shared.ports import Place
from application.signals.expire_signals import ExpireSignals
from domain.alerts.alert import AlertStatus
from domain.identity.preferences import Channel
from domain.signals.signal import SignalStatus


async def _whole_loop(world: World) -> None:
    """Two users, one wallet in common; a fall, an acknowledgement, a recovery, a liquidation, and time going by."""
    alice = await world.register(
        wallet(1), wallet(3), told_by=(Channel.IN_APP, Channel.TELEGRAM), telegram="42"
    )
    await world.register(wallet(2), wallet(3))
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


async def test_a_whole_loop_replays_identically(world: World) -> None:
    await _whole_loop(world)
    report = await world.replay()
    assert report.differences == ()
    assert report.identical
    assert report.facts == len(world.database.store.log) == report.until
    assert report.states == report.streams > 20
    assert report.memories > 5
    assert report.followed is not None
    assert report.decisions > 30
    assert report.pending == 0
    statuses = {alert.status for alert in await world.alerts()}
    assert statuses >= {AlertStatus.RESOLVED, AlertStatus.SENT}
    assert SignalStatus.EXPIRED in {signal.status for signal in await world.signals()}


async def test_decisions_that_the_reactions_have_yet_to_come_to_are_pending(world: World) -> None:
    await _whole_loop(world)
    before = await world.replay()
    await world.observe(1300)
    report = await world.replay()
    assert report.identical
    assert report.pending > 0
    await world.react()
    after = await world.replay()
    assert after.identical
    assert after.pending == 0
    assert after.decisions == before.decisions + report.pending


async def test_in_whatever_stretches_the_log_is_read_detectors_that_lag_are_compared_where_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _whole_loop(world)
    followed = world.database.store.rows["checkpoints"]["detect_signals"]
    for dollars in (1300, 2000, 1250):
        await world.observe(dollars)
    whole = await world.replay()
    assert whole.identical
    assert whole.followed is not None
    for longest in (1, 3, 7):
        monkeypatch.setattr(stretch, "LONGEST", longest)
        assert await world.replay() == whole
    monkeypatch.setattr(stretch, "LONGEST", 100)
    monkeypatch.setattr(stretch, "LARGEST", 1_000)
    monkeypatch.setattr(facts, "RUN", 2)
    assert await world.replay() == whole
    assert whole.followed == followed
    assert whole.until > whole.followed
    await world.react()
    assert (await world.replay()).followed == whole.until


async def test_memories_are_not_compared_when_the_checkpoint_goes_back_under_a_replay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _whole_loop(world)
    monkeypatch.setattr(stretch, "LONGEST", 20)
    checkpoints = world.database.store.rows["checkpoints"]

    def put_back(place: Place, until: Place) -> None:
        checkpoints["detect_signals"] = Place(5)

    report = await world.replays(progress=put_back)
    [found] = report.differences
    assert found.kind is DifferenceKind.CHECKPOINT_ALTERED
    assert "to 5, which it never does by itself" in found.sentence
    assert (report.memories, report.followed) == (0, None)
    assert report.decisions > 30


async def test_a_replay_of_a_part_stops_where_it_was_told_to(world: World) -> None:
    await _whole_loop(world)
    middle = Place(len(world.database.store.log) // 2)
    heard: list[tuple[int, int]] = []

    def progress(place: Place, until: Place) -> None:
        heard.append((place, until))

    report = await world.replays(until=middle, progress=progress)
    assert report.identical
    assert report.decisions > 0
    assert (report.memories, report.followed) == (0, None)
    assert report.facts == report.until == middle
    assert heard == [(middle, middle)]


async def test_an_empty_log_replays_identically(world: World) -> None:
    report = await world.replay()
    assert report.identical
    assert (report.facts, report.states, report.memories, report.decisions) == (0, 0, 0, 0)


async def test_a_stream_that_has_moved_on_since_is_no_difference(world: World) -> None:
    await _whole_loop(world)
    whole = Place(len(world.database.store.log))
    alert = (await world.alerts())[-1]
    await AcknowledgeAlert(world.begin, world.clock)(actor=alert.user_id, alert_id=alert.id)
    report = await world.replays(until=whole)
    assert report.identical
    assert len(world.database.store.log) > report.until == whole
