import re
from typing import Any

import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor

from entrypoints.http.app import endpoints_of
from entrypoints.http.frame.endpoint import Endpoint, Signature


@pytest.fixture
async def document(stranger: Visitor) -> dict[str, Any]:
    answer = await stranger.get("/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = answer.body
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


async def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


async def test_every_route_is_in_the_document(document: dict[str, Any], house: House) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in house.app().router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert served == operations(document).keys()


async def test_every_operation_says_what_it_is_for(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert operation["summary"].endswith("."), name
        assert operation["responses"], name
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))


async def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for (_, path), operation in operations(document).items():
        described = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path))


async def test_what_asks_for_a_token_says_so(document: dict[str, Any], stranger: Visitor) -> None:
    for (method, path), operation in operations(document).items():
        if not path.startswith("/v1/"):
            assert "security" not in operation
            continue
        answer = await stranger.ask(method, re.sub(r"{\w+}", "x", path))
        assert (answer.status == 401) == ("security" in operation), path


async def test_no_number_in_the_document_is_a_float(document: dict[str, Any]) -> None:
    assert not [place for place, named in types(document) if named == "number"]


async def test_amounts_and_times_are_described_as_text(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["ActionBody"]["properties"]["amount"]["type"] == "string"
    assert schemas["IntentBody"]["properties"]["expires_at"]["format"] == "date-time"
    assert schemas["IntentBody"]["additionalProperties"] is False


async def test_a_refused_body_is_what_the_document_says(document: dict[str, Any], ann: Visitor) -> None:
    documented = operations(document)[("POST", "/v1/intents")]["responses"]
    assert {"201", "400", "401", "409", "413", "415", "422"} <= documented.keys()
    assert (await ann.post("/v1/intents", {})).headers["Content-Type"] in documented["422"]["content"]


def test_a_handler_that_asks_for_the_unknown_is_refused_at_the_start() -> None:
    async def handler(weather: str) -> None:
        """Ask for the weather."""

    with pytest.raises(TypeError, match="weather"):
        Signature.of(handler)


async def test_the_endpoints_are_those_of_the_document(house: House) -> None:
    app: web.Application = house.app()
    assert all(isinstance(endpoint, Endpoint) for endpoint in endpoints_of(app))


def types(node: object, place: str = "#") -> list[tuple[str, object]]:
    if isinstance(node, dict):
        own = [(place, node["type"])] if "type" in node else []
        return own + [found for name, value in node.items() for found in types(value, f"{place}/{name}")]
    if isinstance(node, list):
        return [found for value in node for found in types(value, place)]
    return []
