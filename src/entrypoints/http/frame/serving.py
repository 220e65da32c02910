from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from entrypoints.http.frame.answers import answered
from entrypoints.http.frame.binding import bound
from entrypoints.http.frame.endpoint import ENDPOINTS, Endpoint

Handling: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Step(Protocol):
    """What happens around every request."""

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Do something before and after the handler, or instead of it."""
        ...


def middleware(step: Step) -> Middleware:
    """Make a middleware of a step."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await step(request, handler)

    return around


def add(app: web.Application, endpoint: Endpoint) -> None:
    """Serve an endpoint; a HEAD request is answered like a GET, without the body."""
    handling = _handling(endpoint)
    route = app.router.add_route(endpoint.method, endpoint.path, handling)
    if endpoint.method == "GET" and route.resource is not None:
        app.router.add_route("HEAD", endpoint.path, handling)
    app[ENDPOINTS][handling] = endpoint


def _handling(endpoint: Endpoint) -> Handling:
    async def handle(request: web.Request) -> web.StreamResponse:
        arguments = await bound(endpoint, request)
        return answered(endpoint, request, await endpoint.handler(**arguments))

    return handle
