import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import lying_before

from adapters.devchain.chain import Chain
from adapters.evm.heads import heads
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import Block, ChainId


async def test_each_new_head_is_told_over_the_websocket(
    chain: Chain, rpc: JsonRpc, local_market: LocalMarket
) -> None:
    async with aclosing(heads(rpc, ws_url=local_market.node.ws_url, interval=60)) as stream:
        first = await following(stream)
        await asyncio.sleep(0.2)
        for step in (1, 2, 3):
            await chain.mine()
            assert (await following(stream)).number == first.number + step


async def test_without_websocket_the_node_is_polled(chain: Chain, rpc: JsonRpc) -> None:
    async with aclosing(heads(rpc, interval=0.05)) as stream:
        first = await following(stream)
        await chain.mine()
        assert (await following(stream)).number == first.number + 1


async def test_a_slow_consumer_gets_the_newest_and_the_gap_is_logged(chain: Chain, rpc: JsonRpc) -> None:
    with capture_logs() as logs:
        async with aclosing(heads(rpc, interval=0.05)) as stream:
            first = await following(stream)
            await chain.mine(5)
            assert (await following(stream)).number == first.number + 5
    assert [one for one in logs if one["event"] == "heads passed over" and one["after"] == first.number]


async def test_a_reorganisation_is_told_and_logged(chain: Chain, rpc: JsonRpc) -> None:
    with capture_logs() as logs:
        async with aclosing(heads(rpc, interval=0.05)) as stream:
            await following(stream)
            async with chain.restored():
                await chain.mine(3)
                gone = await following(stream)
            now = await following(stream)
    assert now.number < gone.number
    assert "chain reorganised" in [one["event"] for one in logs]


@pytest.mark.parametrize("websocket", ["refused", "silent", "hangs up", "garbage"])
async def test_a_broken_websocket_falls_back_to_polling(
    websocket: str, chain: Chain, rpc: JsonRpc, unused_tcp_port: int
) -> None:
    async with broken_websocket(websocket, unused_tcp_port):
        url = f"ws://127.0.0.1:{unused_tcp_port}/s3cr3t"
        with capture_logs() as logs:
            async with aclosing(heads(rpc, ws_url=url, interval=0.1)) as stream:
                first = await following(stream)
                await asyncio.sleep(0.1)
                await chain.mine()
                assert (await following(stream)).number == first.number + 1
    assert websocket == "silent" or "no WebSocket; polling" in [one["event"] for one in logs]
    assert "s3cr3t" not in repr(logs)


async def test_a_node_that_fails_is_logged_and_followed_again_when_it_is_back(
    chain: Chain, local_market: LocalMarket
) -> None:
    async with lying_before(local_market.node.url) as liar:
        rpc = JsonRpc(liar.url, chain_id=ChainId(31337))
        with capture_logs() as logs:
            async with aclosing(heads(rpc, interval=0.02)) as stream:
                first = await following(stream)
                liar.tells(lambda _: web.Response(status=500))
                waiting = asyncio.ensure_future(following(stream))
                await asyncio.sleep(0.2)
                liar.lie = None
                await chain.mine()
                assert (await waiting).number == first.number + 1
        await rpc.close()
    events = [one["event"] for one in logs]
    assert "no new heads" in events
    assert "heads again" in events


async def following(stream: AsyncIterator[Block]) -> Block:
    return await asyncio.wait_for(anext(stream), 5)


@asynccontextmanager
async def broken_websocket(kind: str, port: int) -> AsyncIterator[None]:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if kind == "garbage":
            await socket.send_str("<html>")
        if kind == "silent":
            await socket.receive()
            await asyncio.sleep(1)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/s3cr3t", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    if kind != "refused":
        await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()
