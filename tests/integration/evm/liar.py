"""A node that lies, dawdles and breaks: it passes requests on to an honest one unless it was told otherwise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

SECRET = "s3cr3t-pr0ject-key"

Lie = Callable[[Any], Awaitable[web.StreamResponse | None]]
"""Takes the request and returns what to answer instead of the truth; None for the truth."""


class Liar:
    def __init__(self, honest: str) -> None:
        self._honest = honest
        self._session = aiohttp.ClientSession()
        self.lie: Lie | None = None
        self.requests: list[Any] = []
        self.url = ""
        self._transport: asyncio.Transport | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = orjson.loads(await request.read())
        self.requests.append(asked)
        self._transport = request.transport
        if self.lie is not None and (told := await self.lie(asked)) is not None:
            return told
        return web.json_response(body=orjson.dumps(await self.truth(asked)))

    async def truth(self, asked: Any) -> Any:
        async with self._session.post(self._honest, json=asked) as response:
            return orjson.loads(await response.read())

    def tells(self, response: Callable[[Any], web.StreamResponse | None]) -> None:
        async def lie(asked: Any) -> web.StreamResponse | None:
            return response(asked)

        self.lie = lie

    def hang_up(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    async def close(self) -> None:
        await self._session.close()


@asynccontextmanager
async def lying_before(honest: str) -> AsyncIterator[Liar]:
    liar = Liar(honest)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/{path:.*}", liar.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v3/{SECRET}?apikey={SECRET}"
    try:
        yield liar
    finally:
        await runner.cleanup()
        await liar.close()


def is_chain_id(asked: Any) -> bool:
    return isinstance(asked, dict) and asked["method"] == "eth_chainId"


def is_call(asked: Any) -> bool:
    return isinstance(asked, dict) and asked["method"] == "eth_call"


def result(asked: Any, value: object) -> web.Response:
    return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": value})


def error(asked: Any, message: str, code: int = -32000, status: int = 200) -> web.Response:
    answer = {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": code, "message": message}}
    return web.json_response(answer, status=status)
