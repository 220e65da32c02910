from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from application.identity.authenticate import Authenticate
from application.shared.ports import Begin, Clock, Ids
from application.shared.requests import RequestsWork
from entrypoints.http.frame.caller import Callers
from entrypoints.http.frame.correlated import Correlated
from entrypoints.http.frame.endpoint import ENDPOINTS, Api, Endpoint
from entrypoints.http.frame.idempotency import Idempotent
from entrypoints.http.frame.metrics import HttpMetrics
from entrypoints.http.frame.openapi import document
from entrypoints.http.frame.refusals import refusals
from entrypoints.http.frame.security import guarded
from entrypoints.http.frame.serving import add, middleware
from entrypoints.http.pages import PagesApi
from entrypoints.http.problem_types import ProblemTypesApi
from entrypoints.http.service import Ready, ServiceApi

LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every request needs, whatever it asks for.

    `swagger` is the folder of the npm package `swagger-ui-dist`; `registry` holds the metrics that /metrics shows.
    """

    authenticate: Authenticate
    begin: Begin[RequestsWork]
    clock: Clock
    ids: Ids
    ready: Ready
    registry: CollectorRegistry
    version: str
    swagger: Path


def build_app(apis: Sequence[Api], frame: Frame) -> web.Application:
    """Return the application that serves these APIs, and beside them the service's own pages."""
    metrics = HttpMetrics.on(frame.registry)
    app = web.Application(
        client_max_size=LARGEST_BODY,
        middlewares=[
            middleware(Correlated(frame.ids, metrics)),
            guarded,
            refusals,
            middleware(Callers(frame.authenticate)),
            middleware(Idempotent(frame.begin, frame.clock)),
        ],
    )
    app[ENDPOINTS] = {}
    pages = PagesApi(frame.swagger)
    around = (ServiceApi(frame.ready, frame.registry), ProblemTypesApi(), pages)
    endpoints = [endpoint for api in (*apis, *around) for endpoint in api.routes()]
    for endpoint in endpoints:
        add(app, endpoint)
    pages.publish(lambda: document(endpoints, version=frame.version))
    return app


def endpoints_of(app: web.Application) -> tuple[Endpoint, ...]:
    """Return what the application serves, in the order in which it is documented."""
    return tuple(app[ENDPOINTS].values())
