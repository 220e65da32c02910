import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from entrypoints.http.frame.binding import IDEMPOTENCY_KEY
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Params
from entrypoints.http.frame.problem_view import ProblemView
from entrypoints.http.frame.problems import MEDIA, PROBLEM_TYPES

_REF = "#/components/schemas/{model}"
_ABOUT = (
    "Plimsoll watches what you own and owe in crypto, tells you in time when you near the line, and can prove why it "
    "did.\n\nAmounts are strings, times are RFC 3339 in UTC, lists continue by `cursor`. Every refusal is a problem "
    "document (RFC 9457). Send an `Idempotency-Key` with whatever changes something, and it happens once."
)
_TITLES = {kind.status: kind.title for kind in reversed(PROBLEM_TYPES)}


def document(endpoints: Sequence[Endpoint], *, version: str) -> dict[str, Any]:
    """Describe the endpoints in OpenAPI 3.1, from the very models and signatures that parse and answer."""
    schemas = _Schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"{(\w+):[^}]*}", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plimsoll",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Schemas:
    """Every model of the endpoints, defined once; requests by what they accept, answers by what they show."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        taken: dict[tuple[type[BaseModel], Any], None] = {(ProblemView, "serialization"): None}
        for endpoint in endpoints:
            signature = endpoint.signature
            if endpoint.also is not None:
                taken[(endpoint.also, "serialization")] = None
            for model in (signature.path, signature.query, signature.body):
                if model is not None:
                    taken[(model, "validation")] = None
            if _is_model(signature.answer):
                taken[(signature.answer, "serialization")] = None
        self._refs, schema = models_json_schema(list(taken), ref_template=_REF)
        self.definitions: dict[str, Any] = schema["$defs"]
        self._params = [ref["$ref"] for (model, _), ref in self._refs.items() if issubclass(model, Params)]

    def shown(self, model: type[BaseModel]) -> dict[str, Any]:
        return self._refs[(model, "serialization")]

    def accepted(self, model: type[BaseModel]) -> dict[str, Any]:
        return self._refs[(model, "validation")]

    def fields(self, model: type[Params]) -> Iterable[tuple[str, dict[str, Any], bool]]:
        schema = self.definitions[self.accepted(model)["$ref"].rpartition("/")[2]]
        for name, field in schema["properties"].items():
            yield name, field, name in schema.get("required", ())


def _operation(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    signature = endpoint.signature
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}_{_slug(endpoint.path)}",
        "tags": [_tag(endpoint.path)],
        "summary": endpoint.summary,
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.description:
        operation["description"] = inspect.cleandoc(endpoint.description)
    if parameters := _parameters(endpoint, schemas):
        operation["parameters"] = parameters
    if signature.body is not None:
        content = {"application/json": {"schema": schemas.accepted(signature.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.private:
        operation["security"] = [{"bearer": []}]
    return operation


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[dict[str, Any]]:
    found = []
    for model, place in ((endpoint.signature.path, "path"), (endpoint.signature.query, "query")):
        if model is not None:
            for name, schema, required in schemas.fields(model):
                found.append({"name": name, "in": place, "required": required, "schema": schema})
    if endpoint.repeatable:
        found.append(
            _header(IDEMPOTENCY_KEY, "Names the request, so that repeating it has no second effect.")
        )
    if "seen" in endpoint.signature.takes:
        found.append(_header("If-Match", "The ETag on which the change is based."))
    if endpoint.method == "GET" and endpoint.cached:
        found.append(_header("If-None-Match", "The ETag that you have; 304 if it is still the newest."))
    return found


def _header(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


def _responses(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    done: dict[str, Any] = {"description": endpoint.summary}
    answer = endpoint.signature.answer
    if _is_model(answer):
        done["content"] = {endpoint.media: {"schema": schemas.shown(answer)}}
    elif endpoint.status == 200:
        done["content"] = {endpoint.media: {"schema": {}}}
    if endpoint.also is not None:
        done["content"]["application/json"] = {"schema": schemas.shown(endpoint.also)}
    responses = {str(endpoint.status): done}
    if endpoint.method == "GET" and endpoint.cached:
        responses["304"] = {"description": "You have the newest already."}
    for status in sorted(_refusals(endpoint)):
        responses[str(status)] = {
            "description": _TITLES[status],
            "content": {MEDIA: {"schema": schemas.shown(ProblemView)}},
        }
    return responses


def _refusals(endpoint: Endpoint) -> set[int]:
    signature = endpoint.signature
    found = {*endpoint.refusals}
    if endpoint.private:
        found |= {401, 503}
    if signature.path is not None or signature.query is not None:
        found.add(422)
    if signature.body is not None:
        found |= {400, 413, 415, 422}
    if endpoint.repeatable:
        found |= {409, 422}
    if "seen" in signature.takes:
        found.add(412)
    return found


def _is_model(answer: Any) -> bool:
    return isinstance(answer, type) and issubclass(answer, BaseModel)


def _slug(path: str) -> str:
    return re.sub(r"\W+", "_", path.removeprefix("/v1")).strip("_") or "root"


def _tag(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[1] if parts[0] == "v1" else "service"
