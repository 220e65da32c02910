from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import Liar, error, is_call, lying_before, result

from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.multicall import MULTICALL3, Multicall
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable

WALLETS = [Address(f"0x{number:040x}") for number in range(1, 121)]


@pytest.fixture
async def liar(local_market: LocalMarket, treasury: Treasury) -> AsyncIterator[Liar]:
    plans = [
        PositionPlan(wallet=wallet, supplies={"WETH": Decimal(1)}, borrows={"USDC": Decimal(100)})
        for wallet in WALLETS[::6]
    ]
    await treasury.open_positions(plans)
    async with lying_before(local_market.node.url) as liar:
        yield liar


@pytest.fixture
async def rpc(liar: Liar) -> AsyncIterator[JsonRpc]:
    rpc = JsonRpc(liar.url, chain_id=ChainId(31337), timeout=5)
    yield rpc
    await rpc.close()


@pytest.mark.parametrize(
    ("message", "code", "status"),
    [
        ("out of gas", -32000, 200),
        ("request entity too large", -32600, 200),
        ("execution reverted", 3, 200),
        ("", 0, 413),
    ],
)
async def test_chunks_that_are_too_large_are_halved_and_the_size_is_learnt(
    message: str, code: int, status: int, liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    def at_most_thirty(asked: Any) -> web.Response | None:
        if not is_call(asked) or calls_in(asked) <= 30:
            return None
        return web.Response(status=413) if status == 413 else error(asked, message, code)

    multicall = Multicall(rpc)
    reader = AaveV3Reader(rpc, reader.market, multicall=multicall)
    block = await reader.head()
    honest = await reader.read(WALLETS, block)
    liar.tells(at_most_thirty)
    assert await reader.read(WALLETS, block) == honest
    assert 10 <= multicall.largest <= 60
    liar.requests.clear()
    assert await reader.read(WALLETS, block) == honest
    assert sum(calls_in(asked) > 30 for asked in liar.requests) <= 4


async def test_a_node_that_refuses_everything_is_not_asked_a_thousand_times(
    liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    reader = AaveV3Reader(rpc, reader.market)
    block = await reader.head()
    liar.tells(lambda asked: error(asked, "the method eth_call does not exist") if is_call(asked) else None)
    with pytest.raises(Unavailable, match="does not exist"):
        await reader.read(WALLETS, block)
    assert len(liar.requests) < 10


async def test_without_multicall3_the_same_is_read_in_batches(
    liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    honest = await reader.read(WALLETS, block)
    liar.tells(
        lambda asked: (
            result(asked, "0x") if is_call(asked) and asked["params"][0]["to"] == MULTICALL3 else None
        )
    )
    assert await AaveV3Reader(rpc, reader.market).read(WALLETS, block) == honest
    assert any(isinstance(asked, list) for asked in liar.requests)


async def test_a_call_that_fails_in_a_chunk_is_asked_again_and_a_starved_one_recovers(
    liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    honest = await reader.read(WALLETS, block)
    liar.lie = Spoiler(liar, beyond=20)
    assert await AaveV3Reader(rpc, reader.market).read(WALLETS, block) == honest


async def test_a_call_that_fails_for_good_makes_its_wallet_unknown_and_no_other(
    liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    honest = await reader.read(WALLETS, block)
    fresh = AaveV3Reader(rpc, reader.market)
    await fresh.read([], block)
    liar.lie = Spoiler(liar, beyond=0, wallet=WALLETS[6])
    observed = await fresh.read(WALLETS, block)
    [unread] = observed.unread
    assert unread.wallet == WALLETS[6]
    assert "could not be read" in unread.reason
    assert set(observed.positions) == {one for one in honest.positions if one.wallet != WALLETS[6]}
    assert observed.without_position == honest.without_position


@pytest.mark.parametrize("lie", ["0x1234", "0x" + "00" * 64, "0xzz", None, "0x" + "ff" * 640])
async def test_short_or_garbled_data_are_refused(
    lie: object, liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    fresh = AaveV3Reader(rpc, reader.market)
    await fresh.read(WALLETS, block)
    liar.tells(lambda asked: result(asked, lie) if is_call(asked) else None)
    with pytest.raises(Unavailable, match="answered with"):
        await fresh.read(WALLETS, block)


async def test_a_health_factor_that_does_not_follow_from_the_balances_is_unknown(
    liar: Liar, rpc: JsonRpc, reader: AaveV3Reader
) -> None:
    block = await reader.head()
    [position] = (await reader.read(WALLETS[:1], block)).positions
    assert position.health_factor is not None
    wad = position.health_factor.wad

    async def flatter(asked: Any) -> web.Response | None:
        if not is_call(asked):
            return None
        answer = await liar.truth(asked)
        return result(asked, answer["result"].replace(f"{wad:064x}", f"{wad + 1:064x}"))

    liar.lie = flatter
    observed = await AaveV3Reader(rpc, reader.market).read(WALLETS[:1], block)
    assert observed.positions == ()
    assert [one.reason for one in observed.unread] == [
        f"The contract says health factor {wad + 1} (in 1e-18), our arithmetic {wad} (in 1e-18): not reproduced."
    ]


class Spoiler:
    """Marks calls as failed: those behind the first `beyond` of a chunk, or those that name the wallet."""

    def __init__(self, liar: Liar, *, beyond: int, wallet: Address | None = None) -> None:
        self._liar = liar
        self._beyond = beyond
        self._wallet = wallet

    async def __call__(self, asked: Any) -> web.Response | None:
        if not is_call(asked) or asked["params"][0]["to"] != MULTICALL3:
            return None
        data = bytearray.fromhex((await self._liar.truth(asked))["result"][2:])
        for index, sent in enumerate(sent_calls(asked)):
            if sent[288:328] == self._wallet[2:] if self._wallet else index >= self._beyond:
                start = 64 + int.from_bytes(data[64 + 32 * index : 96 + 32 * index], "big")
                data[start + 31] = 0
        return result(asked, "0x" + data.hex())


def calls_in(asked: Any) -> int:
    return int(asked["params"][0]["data"][74:138], 16) if is_call(asked) else 0


def sent_calls(asked: Any) -> list[str]:
    body = asked["params"][0]["data"][138:]
    starts = [2 * int(body[64 * index : 64 * index + 64], 16) for index in range(calls_in(asked))]
    return [body[start:end] for start, end in zip(starts, [*starts[1:], len(body)], strict=True)]
