import re
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from entrypoints.http.frame import problems
from entrypoints.http.frame.caller import CALLER
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.invalid import refused_body, refused_params
from entrypoints.http.frame.models import Body
from entrypoints.http.frame.problems import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)
BodyT = TypeVar("BodyT", bound=Body)

IDEMPOTENCY_KEY = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,200}")
_VERSION = re.compile(r'(?<!W/)"v([0-9]{1,18})"')


async def bound(endpoint: Endpoint, request: web.Request) -> dict[str, Any]:
    """Return the handler's arguments as the request gives them, or raise a Problem that points at what is wrong."""
    signature = endpoint.signature
    arguments: dict[str, Any] = {name: _special(name, request) for name in signature.takes}
    if signature.path is not None:
        arguments["path"] = _params(signature.path, dict(request.match_info), "path")
    if signature.query is not None:
        arguments["query"] = _params(signature.query, _query(request, signature.query), "query")
    if signature.body is not None:
        arguments["body"] = await _body(signature.body, request)
    return arguments


def key_of(request: web.Request) -> str | None:
    """Return the request's Idempotency-Key, or raise a Problem when it is none."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not _KEY.fullmatch(key):
        detail = (
            "An Idempotency-Key is 1 to 200 printable ASCII characters without spaces, a UUID for example."
        )
        raise Problem(problems.INVALID, detail, errors=[{"header": IDEMPOTENCY_KEY, "detail": detail}])
    return key


def _special(name: str, request: web.Request) -> object:
    match name:
        case "caller":
            return request[CALLER].user_id
        case "token":
            return request[CALLER].token
        case "key":
            return key_of(request)
        case "seen":
            return _seen(request)
        case _:
            return request


def _seen(request: web.Request) -> tuple[int, ...] | None:
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    return tuple(int(version) for version in _VERSION.findall(header))


def _query(request: web.Request, model: type[BaseModel]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in request.query:
        values = request.query.getall(name)
        found[name] = values if len(values) > 1 or name in _lists(model) else values[0]
    return found


def _lists(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if field.get_default() == ()}


def _params(model: type[ModelT], given: dict[str, Any], where: str) -> ModelT:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise refused_params(error, where) from error


async def _body(model: type[BodyT], request: web.Request) -> BodyT:
    raw = await request.read()
    if request.content_type != "application/json":
        raise Problem(problems.NOT_JSON, "Send the body as JSON, with Content-Type: application/json.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise refused_body(error, raw) from error
