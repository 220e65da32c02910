import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from types import NoneType
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from aiohttp import web
from pydantic import BaseModel

from entrypoints.http.frame.models import Body, Params
from entrypoints.http.frame.reply import Reply

_SPECIAL = {"caller", "token", "seen", "key", "request"}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a handler takes and returns, read from its annotations: the one source of parsing and of the document.

    `takes` holds the special parameters: `caller` (who asks), `token` (by which they are known), `seen` (versions in
    If-Match), `key` (the Idempotency-Key) and `request` (for handlers that answer something else than JSON).
    """

    path: type[Params] | None
    query: type[Params] | None
    body: type[Body] | None
    answer: Any
    takes: frozenset[str]

    @staticmethod
    def of(handler: Callable[..., Awaitable[object]]) -> "Signature":
        """Read a handler's annotations, or raise TypeError for a parameter that nobody can fill."""
        hints = get_type_hints(handler)
        answer = hints.pop("return", NoneType)
        models = {name: hints.pop(name, None) for name in ("path", "query", "body")}
        if strange := hints.keys() - _SPECIAL:
            raise TypeError(f"{handler.__qualname__} asks for {sorted(strange)}, which no request can give.")
        if get_origin(answer) is Reply:
            (answer,) = get_args(answer)
        return Signature(**models, answer=answer, takes=frozenset(hints))


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one path.

    `keeps_secrets` marks answers that are shown once and never stored; `media` is the type of the answer's body, and
    `also` what it shows to those who accept JSON alone.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[object]]
    status: int = 200
    refusals: tuple[int, ...] = ()
    keeps_secrets: bool = False
    cached: bool = True
    media: str = "application/json"
    also: type[BaseModel] | None = None

    @cached_property
    def signature(self) -> Signature:
        """What the handler takes and returns."""
        return Signature.of(self.handler)

    @property
    def summary(self) -> str:
        """What the endpoint is for: the first line of its handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        """What there is to know beyond the summary."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()

    @property
    def private(self) -> bool:
        """Say whether the endpoint answers only those who are known."""
        return bool(self.signature.takes & {"caller", "token"})

    @property
    def repeatable(self) -> bool:
        """Say whether an Idempotency-Key is heeded: on everything that a known caller may change."""
        return self.private and self.method != "GET"


class Api(Protocol):
    """The endpoints of one resource."""

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints, in the order in which they are documented."""
        ...


ENDPOINTS = web.AppKey("ENDPOINTS", dict[object, Endpoint])
"""Endpoints by the function that aiohttp calls for them."""


def endpoint_of(request: web.Request) -> Endpoint | None:
    """Return the endpoint that a request has reached, if it has."""
    return request.app[ENDPOINTS].get(request.match_info.handler)
