import time
from dataclasses import dataclass

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from application.shared.correlation import correlation
from application.shared.ports import Ids
from domain.shared.ids import Id, read_id
from entrypoints.http.frame.metrics import HttpMetrics

HEADER = "X-Request-Id"
_log = structlog.get_logger("http")


@dataclass(frozen=True, slots=True)
class Correlated:
    """Gives every request an id that its answer, its log lines and its facts carry, and measures it."""

    ids: Ids
    metrics: HttpMetrics

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Take the id that the caller sent if it is a UUID, else give a new one."""
        request_id = _sent(request) or self.ids.new()
        began = time.perf_counter()
        before = correlation.set(request_id)
        try:
            response = await handler(request)
        finally:
            correlation.reset(before)
        response.headers[HEADER] = request_id
        seconds = time.perf_counter() - began
        route = _route(request)
        self.metrics.observe(method=request.method, route=route, status=response.status, seconds=seconds)
        _log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status,
            milliseconds=round(seconds * 1000, 2),
            request_id=request_id,
        )
        return response


def _sent(request: web.Request) -> Id | None:
    try:
        return read_id(request.headers.get(HEADER, ""))
    except ValueError:
        return None


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
