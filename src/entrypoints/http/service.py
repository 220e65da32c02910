from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from entrypoints.http.frame import problems
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import View
from entrypoints.http.frame.problem_view import CheckView
from entrypoints.http.frame.problems import Problem


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be there: its name, and a sentence that says why it is not."""

    name: str
    reason: str | None = None


class Ready(Protocol):
    """Looks whether everything is there that requests need: the database, its migrations, the chains."""

    async def __call__(self) -> Sequence[Check]:
        """Return what was looked at; never raises, and no reason holds a secret."""
        ...


class HealthView(View):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class ReadinessView(View):
    """Everything is there."""

    status: Literal["ready"] = "ready"
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class ServiceApi:
    """What those who run Plimsoll ask of it."""

    ready: Ready
    registry: CollectorRegistry

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/healthz", handler=self.get_health, cached=False),
            Endpoint(method="GET", path="/readyz", handler=self.get_readiness, cached=False, refusals=(503,)),
            Endpoint(
                method="GET", path="/metrics", handler=self.get_metrics, cached=False, media="text/plain"
            ),
        )

    async def get_health(self) -> HealthView:
        """Say that the process is alive."""
        return HealthView()

    async def get_readiness(self) -> ReadinessView:
        """Say whether requests can be served, and if not, what is missing."""
        looked_at = await self.ready()
        checks = tuple(
            CheckView(name=one.name, ready=one.reason is None, reason=one.reason) for one in looked_at
        )
        missing = [check for check in checks if not check.ready]
        if missing:
            detail = " ".join(f"{check.name}: {check.reason}" for check in missing)
            shown = [check.model_dump(exclude_none=True) for check in checks]
            raise Problem(problems.NOT_READY, detail, checks=shown, headers={"Retry-After": "5"})
        return ReadinessView(checks=checks)

    async def get_metrics(self) -> web.Response:
        """Show the metrics in the text format of Prometheus."""
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
