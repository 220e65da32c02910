import asyncio
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from tests.fixtures.chain import LocalMarket
from tests.integration.evm.liar import SECRET, Liar, error, is_chain_id, lying_before, result

from adapters.evm.blocks import newest_block
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import ChainId
from domain.shared.errors import Invalid, Unavailable


@pytest.fixture
async def liar(local_market: LocalMarket) -> AsyncIterator[Liar]:
    async with lying_before(local_market.node.url) as liar:
        yield liar


@pytest.fixture
async def rpc(liar: Liar) -> AsyncIterator[JsonRpc]:
    rpc = JsonRpc(liar.url, chain_id=ChainId(31337), timeout=0.5, most_bytes=2**20)
    yield rpc
    await rpc.close()


def html(_: Any) -> web.Response:
    return web.Response(text="<html>Sign in</html>", content_type="text/html")


def text(body: str, status: int = 200) -> Any:
    return lambda _: web.Response(text=body, status=status, content_type="application/json")


LIES = {
    "a web page": (html, "a web page"),
    "truncated JSON": (text('{"jsonrpc":"2.0","id":1,"res'), "not JSON"),
    "no JSON-RPC": (text('"hello"'), "no JSON-RPC answer"),
    "neither result nor error": (
        lambda asked: web.json_response({"id": asked["id"]}),
        "neither a result nor an error",
    ),
    "another's answer": (lambda asked: result({"id": 999_999}, "0x7a69"), "another request"),
    "a number for text": (lambda asked: result(asked, 31337), "where a number belongs"),
    "garbage for hexadecimal": (lambda asked: result(asked, "0xzz"), "where a number belongs"),
    "not found": (text("not found", 404), "HTTP 404"),
    "a redirection": (text("", 302), "HTTP 302"),
    "no access": (text("{}", 401), "refuses access"),
    "an error": (lambda asked: error(asked, f"project {SECRET} is over its limits"), "project … is over"),
    "an error with HTTP 400": (lambda asked: error(asked, "bad request", status=400), "bad request"),
    "an error that is no object": (lambda asked: web.json_response({"id": 1, "error": "no"}), "no"),
    "always busy": (text("{}", 429), "asks for fewer requests"),
    "always down behind a proxy": (text("<html>", 502), "not able to serve"),
    "a huge body": (
        lambda _: web.Response(body=b" " * 2**21, content_type="application/json"),
        "1,048,576 bytes",
    ),
}


@pytest.mark.parametrize("name", LIES)
async def test_nonsense_becomes_a_sentence_that_shows_no_key(name: str, liar: Liar, rpc: JsonRpc) -> None:
    lie, sentence = LIES[name]
    liar.tells(lie)
    await refused(rpc, sentence)


async def test_a_huge_body_of_unknown_length_is_not_read_to_its_end(liar: Liar, rpc: JsonRpc) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 2**16

    liar.tells(lambda _: web.Response(body=endless(), content_type="application/json"))
    await refused(rpc, "more than 1,048,576 bytes")


async def test_a_node_of_another_chain_is_refused_and_asked_nothing_else(liar: Liar, rpc: JsonRpc) -> None:
    liar.tells(lambda asked: result(asked, "0x1"))
    await refused(rpc, "configured for chain 31337 serves chain 1")
    assert all(is_chain_id(asked) for asked in liar.requests)


async def test_the_chain_is_asked_for_once_a_connection(liar: Liar, rpc: JsonRpc) -> None:
    await asyncio.gather(*(newest_block(rpc) for _ in range(5)))
    assert sum(map(is_chain_id, liar.requests)) == 1
    await rpc.close()
    await newest_block(rpc)
    assert sum(map(is_chain_id, liar.requests)) == 2


async def test_a_slow_node_is_given_up(liar: Liar, rpc: JsonRpc) -> None:
    async def slow(_: Any) -> None:
        await asyncio.sleep(2)

    liar.lie = slow
    await refused(rpc, "within 0.5 seconds")


async def test_a_node_that_is_down_is_named_by_its_chain(unused_tcp_port: int) -> None:
    rpc = JsonRpc(f"http://127.0.0.1:{unused_tcp_port}/{SECRET}", chain_id=ChainId(31337))
    await refused(rpc, "node of chain 31337 cannot be reached")
    await rpc.close()


async def test_a_node_that_hangs_up_is_asked_again_and_then_given_up(liar: Liar, rpc: JsonRpc) -> None:
    async def hang_up(_: Any) -> web.StreamResponse | None:
        if len(liar.requests) in {1, 2}:
            liar.hang_up()
        return None

    liar.lie = hang_up
    assert (await newest_block(rpc)).number > 0


async def test_a_node_that_is_busy_for_a_moment_is_asked_again(liar: Liar, rpc: JsonRpc) -> None:
    def busy_twice(_: Any) -> web.Response | None:
        return web.Response(status=429, headers={"retry-after": "0"}) if len(liar.requests) < 3 else None

    liar.tells(busy_twice)
    assert (await newest_block(rpc)).number > 0
    assert len(liar.requests) == 4


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://127.0.0.1/{SECRET}",
        f"127.0.0.1:8545/{SECRET}",
        "",
        f"http://[{SECRET}",
        f"http://127.0.0.1:99999/{SECRET}",
        f"http:///{SECRET}",
    ],
)
def test_what_is_no_http_url_is_refused_at_once_and_not_shown(url: str) -> None:
    with pytest.raises(Invalid, match="must be a whole URL") as refusal:
        JsonRpc(url, chain_id=ChainId(1))
    assert SECRET not in str(refusal.value)


async def refused(rpc: JsonRpc, sentence: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        await newest_block(rpc)
    shown = "".join(traceback.format_exception(refusal.value))
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith((".", ")."))
    assert SECRET not in shown
