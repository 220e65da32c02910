import traceback
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog
from aiohttp import web

from application.identity.change_preferences import SeenAnotherVersion
from application.shared.requests import KeyReused
from domain.shared.errors import Conflict, Denied, Invalid, NotFound, PlimsollError, Unavailable
from entrypoints.http.frame import problems
from entrypoints.http.frame.caller import CALLER
from entrypoints.http.frame.problems import Problem, ProblemType

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger("http")

_BY_CATEGORY: tuple[tuple[type[PlimsollError], ProblemType], ...] = (
    (SeenAnotherVersion, problems.MOVED_ON),
    (KeyReused, problems.KEY_REUSED),
    (Invalid, problems.INVALID),
    (NotFound, problems.NOT_FOUND),
    (Conflict, problems.CONFLICT),
    (Denied, problems.DENIED),
    (Unavailable, problems.UNAVAILABLE),
)
_RETRY_AFTER = {"Retry-After": "5"}


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever was raised into a problem document; what nobody foresaw shows nothing but the request's id."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except PlimsollError as error:
        return _refused(request, error).response()
    except web.HTTPException as error:
        return _spoken(request, error)
    except Exception as error:  # noqa: BLE001 - the last place where anybody can answer
        # Formatted here, because a renderer that prints local variables would print tokens.
        trace = "".join(traceback.format_exception(error))
        _log.error("request_broke", method=request.method, path=request.path, trace=trace)
        return Problem(
            problems.INTERNAL, "Something broke while your request was carried out; report its id."
        ).response()


def _refused(request: web.Request, error: PlimsollError) -> Problem:
    kind = next((kind for category, kind in _BY_CATEGORY if isinstance(error, category)), problems.INVALID)
    if kind is problems.DENIED and CALLER not in request:
        return Problem(problems.NOT_SIGNED_IN, str(error), headers={"WWW-Authenticate": "Bearer"})
    return Problem(kind, str(error), headers=_RETRY_AFTER if kind is problems.UNAVAILABLE else {})


def _spoken(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    match error:
        case web.HTTPNotFound():
            return Problem(problems.NO_ROUTE, f"There is nothing at {request.path[:200]}.").response()
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            detail = f"{request.path[:200]} does not know {request.method[:20]}; it knows {allowed}."
            return Problem(problems.NO_METHOD, detail, headers={"Allow": allowed}).response()
        case web.HTTPRequestEntityTooLarge():
            return Problem(problems.TOO_LARGE, "The body is larger than 64 KiB.").response()
        case _ if error.status < 400:
            raise error
        case _:
            kind = ProblemType("invalid", error.status, error.reason, "")
            return Problem(kind, f"{error.reason}.").response()
