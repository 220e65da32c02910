"""What the tests of outages look at besides the API's usual answers."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from prometheus_client import REGISTRY

from entrypoints.cli.demo.client import Client
from entrypoints.container.worker import Background
from tests.e2e.world import World


async def asked(client: Client, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Return status and document of an answer, whatever it is."""
    headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    async with client.session.request(
        method, f"{client.url}{path}", json=body, headers=headers, timeout=aiohttp.ClientTimeout(60)
    ) as response:
        return response.status, await response.json(content_type=None)


def refuses(client: Client, path: str, status: int = 503) -> Callable[[], Awaitable[str | None]]:
    """Make a question for `until`: the sentence with which the path is refused, once it is."""

    async def ask() -> str | None:
        found, document = await asked(client, "GET", path)
        return str(document["detail"]) if found == status else None

    return ask


def serves(client: Client, path: str) -> Callable[[], Awaitable[bool]]:
    """Make a question for `until`: whether the path is served."""

    async def ask() -> bool:
        return (await asked(client, "GET", path))[0] == 200

    return ask


def failures(loop: str) -> float:
    """Return how often in a row a worker's loop of this process has failed."""
    return REGISTRY.get_sample_value("plimsoll_loop_failures_in_a_row", {"loop": loop}) or 0.0


async def replayed(one: World) -> None:
    """Decide everything anew from the log, and see that it comes out the same."""
    container = Background(settings=one.settings, url=one.database.worker_url)
    try:
        report = await container.replay()()
    finally:
        await container.database().close()
    assert report.identical, report.differences
    assert report.decisions > 0
    assert report.pending == 0
