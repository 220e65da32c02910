"""What is remembered is compared where the detectors stand in the log, and that they passed nothing over."""

import asyncio

import pytest
from tests.fixtures.database import Database
from tests.integration.audit.lived import by_hand
from tests.unit.application.market import CHAIN, wallet
from tests.unit.application.world import World

from application.audit.replaying import stretch
from application.audit.replaying.report import DifferenceKind
from application.shared.ports import Place

MINE = f"wallet_address = '{wallet(1)}'"


async def test_detectors_that_lag_are_compared_where_they_are(lived: World, database: Database) -> None:
    before = await lived.replay()
    await lived.observe(2100)
    await lived.prefer((await lived.signals())[0].user_id, low="1.7")
    await lived.observe(1250)
    lagging = await lived.replay()
    assert lagging.identical
    assert lagging.pending > 0
    assert (lagging.followed, lagging.memories) == (before.followed, before.memories)
    by_hand(database, f"UPDATE watches SET has_episode = false WHERE {MINE}")
    assert [one.kind for one in (await lived.replay()).differences] == [DifferenceKind.MEMORY_ALTERED]
    by_hand(database, f"UPDATE watches SET has_episode = true WHERE {MINE}")
    await lived.react()
    caught_up = await lived.replay()
    assert caught_up.identical
    assert caught_up.pending == 0
    assert caught_up.memories == before.memories + 1


async def test_memories_are_compared_while_the_service_goes_on(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretch, "LONGEST", 16)

    async def live() -> None:
        for dollars in (2000, 1350, 1900, 1200):
            await lived.live(dollars)

    living = asyncio.create_task(live())
    while not living.done():
        report = await lived.replay()
        assert report.differences == ()
        assert report.followed is not None
    await living
    assert (await lived.replay()).pending == 0


async def test_detectors_that_never_followed_anything_remember_nothing(
    lived: World, database: Database
) -> None:
    by_hand(database, "DELETE FROM checkpoints")
    report = await lived.replay()
    assert (report.followed, report.count) == (0, report.memories)
    assert {one.kind for one in report.differences} == {DifferenceKind.MEMORY_UNFOUNDED}
    by_hand(database, "DELETE FROM watches", "DELETE FROM rules_in_force", "DELETE FROM rules")
    assert (await lived.replay()).identical


async def test_a_checkpoint_beyond_the_end_of_the_log_is_named(lived: World, database: Database) -> None:
    by_hand(database, "UPDATE checkpoints SET position = 9999 WHERE name = 'detect_signals'")
    report = await lived.replay()
    [found] = report.differences
    assert found.kind is DifferenceKind.CHECKPOINT_ALTERED
    assert (
        f"detect_signals is on record as having followed the log to place 9999, but it ends at {report.until}"
        in (found.sentence)
    )
    assert report.followed == report.until
    assert report.memories > 0


async def test_a_checkpoint_that_was_put_back_shows_in_what_is_remembered(
    lived: World, database: Database
) -> None:
    by_hand(database, "UPDATE checkpoints SET position = position - 20 WHERE name = 'detect_signals'")
    assert {one.kind for one in (await lived.replay()).differences} == {DifferenceKind.MEMORY_ALTERED}


async def test_decisions_that_a_checkpoint_was_moved_past_are_missing_and_not_pending(
    lived: World, database: Database
) -> None:
    """Nothing that is remembered changes with a liquidation, nor with the raising of an alert."""
    followed = (await lived.replay()).followed
    await lived.searches(chain_id=CHAIN)
    lived.market.liquidate(wallet(2))
    await lived.searches(chain_id=CHAIN)
    pending = await lived.replay()
    assert pending.identical
    _move(database, "detect_signals", pending.until)
    [unseen] = (await lived.replay()).differences
    assert (unseen.kind, unseen.place) == (DifferenceKind.DECISION_MISSING, pending.until)
    told = f"detect_signals is on record as having followed the log to place {pending.until}, but the log has none."
    assert unseen.sentence.endswith(told)
    _move(database, "detect_signals", followed)
    await lived.detects()
    detected = await lived.replay()
    assert detected.identical
    _move(database, "raise_alerts", detected.until)
    silenced = await lived.replay()
    assert silenced.pending == 0
    assert {(one.kind, one.place) for one in silenced.differences} == {
        (DifferenceKind.DECISION_MISSING, detected.until)
    }
    assert silenced.count == detected.pending == 2


def _move(database: Database, reaction: str, place: Place | None) -> None:
    by_hand(database, f"UPDATE checkpoints SET position = {place} WHERE name = '{reaction}'")
