from dataclasses import replace

import pytest
from tests.unit.application.market import CHAIN, POOL, wallet
from tests.unit.application.world import World

from application.audit.explaining.ask_chain import AskChain, Verdict
from application.positions.readers import Readers
from domain.positions.events import PositionLiquidated
from domain.positions.position import LendingPosition
from domain.shared.chain import Address, ChainId


@pytest.fixture
async def seen(world: World) -> LendingPosition:
    world.market.stakes = {wallet(1): (10, 10_000)}
    observed = await world.market.read([wallet(1)], await world.market.head())
    return observed.positions[0]


async def test_the_same_answer_is_the_same_to_the_last_digit(world: World, seen: LendingPosition) -> None:
    answer = await AskChain(world.readers)(seen)
    assert (answer.verdict, answer.differences, answer.reason) == (Verdict.SAME, (), None)
    assert answer.compared > 30
    assert (answer.block_number, answer.block_hash) == (seen.block.number, seen.block.hash)


async def test_a_figure_that_differs_is_named(world: World, seen: LendingPosition) -> None:
    world.market.price(1999)
    answer = await AskChain(world.readers)(seen)
    assert answer.verdict is Verdict.DIFFERS
    changed = {one.name: (one.before, one.after) for one in answer.differences}
    assert changed["legs[0].reserve.price"] == ("200000000000", "199900000000")
    assert "account.health_factor.wad" in changed


async def test_a_wallet_that_the_node_knows_nothing_of_differs(world: World, seen: LendingPosition) -> None:
    world.market.stakes = {}
    answer = await AskChain(world.readers)(seen)
    assert answer.verdict is Verdict.DIFFERS
    assert answer.reason == "The node says that the wallet had no position there."


@pytest.mark.parametrize("how", ["unread", "unconfigured", "another market"])
async def test_what_cannot_be_answered_is_unknown_and_never_the_same(
    world: World, seen: LendingPosition, how: str
) -> None:
    readers, asked = world.readers, seen
    if how == "unread":
        world.market.unread = {wallet(1): "The oracle did not answer."}
    if how == "unconfigured":
        readers = Readers({ChainId(1): world.market})
    if how == "another market":
        asked = replace(seen, market=Address("0x" + "12" * 20))
    answer = await AskChain(readers)(asked)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.reason
    assert answer.compared == 0


async def test_a_liquidation_is_looked_up_by_its_place_in_the_markets_log(world: World) -> None:
    told = world.market.liquidate(wallet(1))
    user = await world.register(wallet(1))
    fact = PositionLiquidated(user_id=user, liquidation=told, at=world.clock.now())
    assert (await AskChain(world.readers)(fact)).verdict is Verdict.SAME
    world.market.liquidated = [replace(told, debt_symbol="DAI")]
    [difference] = (await AskChain(world.readers)(fact)).differences
    assert (difference.name, difference.before, difference.after) == ("debt_symbol", "USDC", "DAI")
    world.market.liquidated = []
    assert (await AskChain(world.readers)(fact)).verdict is Verdict.DIFFERS
    assert (told.chain_id, told.market) == (CHAIN, POOL)
