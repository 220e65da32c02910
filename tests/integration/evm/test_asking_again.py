"""What is on record, held against a node that is asked the same at the same block hash."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import SECRET, Liar, error, is_call, lying_before

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.rpc import JsonRpc
from application.audit.explaining.ask_chain import AskChain, ChainAnswer, Verdict
from application.positions.readers import Readers
from domain.positions.position import LendingPosition
from domain.shared.chain import Address, ChainId

ANA = Address(f"0x{0xA11A:040x}")


@pytest.fixture
async def seen(treasury: Treasury, reader: AaveV3Reader, chain: Chain) -> LendingPosition:
    """What was read of a wallet some blocks and a fall in price ago."""
    plan = PositionPlan(wallet=ANA, supplies={"WETH": Decimal(2)}, borrows={"USDC": Decimal(1_000)})
    await treasury.open_positions([plan])
    [position] = (await reader.read([ANA], await reader.head())).positions
    await treasury.set_price("WETH", Decimal(2_200))
    await chain.mine(5)
    return position


@pytest.fixture
async def liar(local_market: LocalMarket) -> AsyncIterator[Liar]:
    async with lying_before(local_market.node.url) as liar:
        yield liar


@pytest.fixture
async def asks(liar: Liar, market: AaveMarket) -> AsyncIterator[AskChain]:
    """Asks through a node that passes questions on to the honest one, unless it was told to lie."""
    rpc = JsonRpc(liar.url, chain_id=ChainId(31337), timeout=2)
    yield AskChain(Readers({ChainId(31337): AaveV3Reader(rpc, market.provider)}))
    await rpc.close()


async def test_an_archive_node_says_the_same_of_a_block_long_past(
    asks: AskChain, seen: LendingPosition
) -> None:
    answer = await asks(seen)
    assert (answer.verdict, answer.reason) == (Verdict.SAME, None)
    assert answer.compared > 30
    assert answer.block_hash == seen.block.hash


async def test_a_figure_that_was_altered_on_record_is_named_alone(
    asks: AskChain, seen: LendingPosition
) -> None:
    collateral, debt = seen.legs
    altered = replace(seen, legs=(collateral, replace(debt, variable_debt=debt.variable_debt - 1)))
    answer = await asks(altered)
    assert answer.verdict is Verdict.DIFFERS
    assert [(one.name, one.before, one.after) for one in answer.differences] == [
        ("legs[1].variable_debt", str(debt.variable_debt - 1), str(debt.variable_debt))
    ]


async def test_a_node_that_answers_for_another_block_is_found_out(
    asks: AskChain, seen: LendingPosition, liar: Liar
) -> None:
    async def of_today(asked: Any) -> web.StreamResponse | None:
        if not is_call(asked):
            return None
        told = await liar.truth({**asked, "params": [asked["params"][0], "latest"]})
        return web.json_response(told)

    liar.lie = of_today
    answer = await asks(seen)
    assert answer.verdict is Verdict.DIFFERS
    assert "legs[0].reserve.price" in {one.name for one in answer.differences}


async def test_a_node_that_keeps_no_history_proves_nothing(
    asks: AskChain, seen: LendingPosition, liar: Liar
) -> None:
    liar.tells(lambda asked: error(asked, "missing trie node 5ab…") if is_call(asked) else None)
    unknown(await asks(seen), "does not know block")


async def test_a_node_that_answers_nothing_at_all_proves_nothing(
    asks: AskChain, seen: LendingPosition, liar: Liar
) -> None:
    liar.tells(lambda _: web.Response(status=503))
    unknown(await asks(seen), "not able to serve")


async def test_a_block_that_was_replaced_proves_nothing(asks: AskChain, seen: LendingPosition) -> None:
    replaced = replace(seen.block, hash="0x" + "ab" * 32)
    unknown(await asks(replace(seen, block=replaced)), "does not know block")


def unknown(answer: ChainAnswer, why: str) -> None:
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.compared == 0
    assert why in str(answer.reason)
    assert SECRET not in str(answer.reason)
