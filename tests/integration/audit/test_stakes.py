"""Who was seen in which market, and since when they are gone, is compared with the batches in the log."""

import asyncio
from datetime import timedelta

import pytest
from tests.fixtures.database import Database
from tests.integration.audit.lived import by_hand
from tests.unit.application.market import CHAIN, FakeMarket, wallet
from tests.unit.application.world import World

from application.audit.replaying.report import DifferenceKind
from application.positions.observe_positions import ObservePositions
from application.positions.readers import Readers
from application.shared.ports import Place
from domain.positions.events import PositionsObserved

MINE = f"wallet_address = '{wallet(1)}'"
STRANGER = (
    f"INSERT INTO stakes SELECT user_id, '{wallet(9)}', chain_id, protocol, market FROM stakes WHERE {MINE}"
)


async def _last_batch(world: World) -> Place:
    async with world.begin(None) as work:
        return (await work.facts.after(Place(0), limit=10_000, types=(PositionsObserved,)))[-1].place


async def test_wallets_that_go_and_come_back_are_replayed_as_they_are_stored(lived: World) -> None:
    gone = lived.market.stakes.pop(wallet(1))
    await lived.live(2000)
    assert (await lived.replay()).identical
    lived.market.stakes[wallet(1)] = gone
    late = lived.clock.now() - timedelta(hours=1)
    lived.market.clock = type(lived.clock)(late)
    await lived.live(2010)  # an old block, recorded late: what was gone after it stays gone
    lived.market.clock = lived.clock
    report = await lived.replay()
    assert report.identical
    assert report.stakes == 3
    await lived.live(2020)
    assert (await lived.replay()).identical


_ALTERED = {
    "gone by hand": (
        f"UPDATE stakes SET gone_at = '2026-01-02Z' WHERE {MINE}",
        DifferenceKind.MEMORY_ALTERED,
    ),
    "deleted": (f"DELETE FROM stakes WHERE {MINE}", DifferenceKind.MEMORY_MISSING),
    "invented": (STRANGER, DifferenceKind.MEMORY_UNFOUNDED),
}


@pytest.mark.parametrize("case", _ALTERED)
async def test_an_altered_stake_is_named(lived: World, database: Database, case: str) -> None:
    statement, kind = _ALTERED[case]
    by_hand(database, statement)
    report = await lived.replay()
    [found] = report.differences
    assert found.kind is kind
    assert found.id in {signal.user_id for signal in await lived.signals()}
    assert found.sentence.startswith(
        f"The note of a position of user {found.id} in aave_v3 on chain 31337 is "
    )
    assert "0x" not in str(report.differences)
    for field in found.fields:
        assert (field.name, field.replayed) == ("gone_at", "nothing")
        assert (field.stored or "").startswith("2026-01-02")


async def test_stakes_are_compared_at_the_end_of_the_log_wherever_the_detectors_are(
    lived: World, database: Database
) -> None:
    followed = (await lived.replay()).followed
    del lived.market.stakes[wallet(1)]
    await lived.observe(2100)
    lagging = await lived.replay()
    assert lagging.identical
    assert lagging.followed == followed
    by_hand(database, f"UPDATE stakes SET gone_at = NULL WHERE {MINE}")
    [found] = (await lived.replay()).differences
    assert (found.kind, found.place) == (DifferenceKind.MEMORY_ALTERED, await _last_batch(lived))


async def test_stakes_of_one_user_alone_are_compared(lived: World, database: Database) -> None:
    ada, bob = sorted({signal.user_id for signal in await lived.signals()})
    theirs = [await lived.replays(user=user) for user in (ada, bob)]
    assert [report.stakes for report in theirs] == [2, 1]
    by_hand(database, f"DELETE FROM stakes WHERE user_id = '{ada}'")
    assert (await lived.replays(user=bob)).identical
    assert (await lived.replays(user=ada)).count == 2


async def test_of_batches_that_cannot_be_read_no_stake_is_said_to_differ(
    lived: World, database: Database
) -> None:
    by_hand(database, "DELETE FROM positions WHERE id = (SELECT min(id::text)::uuid FROM positions)")
    report = await lived.replay()
    assert [one.kind for one in report.differences] == [DifferenceKind.INPUT_TAMPERED]
    assert report.stakes is None


async def test_batches_of_one_market_that_are_stored_at_once_have_an_order(lived: World) -> None:
    """Some find the wallets, others do not: what is stored in the end is what the last fact of the log says."""
    there, away = lived.market, FakeMarket(lived.clock)
    seeing, missing = (
        ObservePositions(lived.begin, Readers({CHAIN: market}), lived.clock, lived.ids)
        for market in (there, away)
    )
    for _ in range(6):
        lived.clock.advance(timedelta(minutes=1))
        wallets = sorted(there.stakes)
        found = [seeing(chain_id=CHAIN, wallets=wallets) for _ in range(2)]
        lost = [missing(chain_id=CHAIN, wallets=wallets) for _ in range(2)]
        await asyncio.gather(*found, *lost)
    await lived.react()
    assert (await lived.replay()).differences == ()
