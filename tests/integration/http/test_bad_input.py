import json
import zlib
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from tests.integration.http.bodies import INTENT
from tests.integration.http.visitor import Visitor

from domain.shared.ids import id_of

JSON = {"Content-Type": "application/json"}


async def test_an_unknown_route_is_told(ann: Visitor) -> None:
    answer = await ann.get("/v1/nothing")
    assert (answer.status, answer.problem) == (404, "no-such-route")


async def test_an_unknown_method_is_told_the_known_ones(ann: Visitor) -> None:
    answer = await ann.put("/v1/alerts", {})
    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b"[" * 40_000, b'{"a":' * 5_000, b"\xff\xfe", b'{"name": NaN', b"\xef\xbb\xbf{}"],
)
async def test_what_is_no_json_is_told_so(ann: Visitor, body: bytes) -> None:
    answer = await ann.post("/v1/me/tokens", data=body, headers=JSON)
    assert (answer.status, answer.problem) == (400, "malformed-json")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1"])
async def test_json_that_is_no_object_is_refused(ann: Visitor, body: bytes) -> None:
    answer = await ann.post("/v1/me/tokens", data=body, headers=JSON)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer["errors"][0]["pointer"] == "#"


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_of_another_type_is_refused(ann: Visitor, type: str) -> None:
    answer = await ann.post("/v1/me/tokens", data=b'{"name":"a"}', headers={"Content-Type": type})
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")


async def test_a_body_of_ten_megabytes_is_refused(ann: Visitor) -> None:
    body = json.dumps({"name": "x" * 10_000_000}).encode()
    answer = await ann.post("/v1/me/tokens", data=BytesIO(body), headers=JSON)
    assert (answer.status, answer.problem) == (413, "too-large")
    assert (await ann.get("/v1/me")).status == 200


async def test_a_body_of_ten_megabytes_is_refused_without_a_length_too(ann: Visitor) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b"x" * 10_000

    answer = await ann.post("/v1/me/tokens", data=endless(), headers=JSON)
    assert (answer.status, answer.problem) == (413, "too-large")


async def test_a_zip_bomb_is_refused(ann: Visitor) -> None:
    bomb = zlib.compress(b"x" * 100_000_000)
    answer = await ann.post(
        "/v1/me/tokens", data=BytesIO(bomb), headers={**JSON, "Content-Encoding": "deflate"}
    )
    assert (answer.status, answer.problem) == (413, "too-large")


async def test_a_large_body_where_none_is_wanted_does_no_harm(ann: Visitor) -> None:
    answer = await ann.post("/v1/positions/refresh", data=BytesIO(b"x" * 10_000_000))
    assert answer.status in {202, 413}


@pytest.mark.parametrize(
    "amount",
    [
        "1" + "0" * 80,
        "1e80",
        "-1",
        "NaN",
        "Infinity",
        "1.",
        ".5",
        " 1",
        "1_000",
        "0x10",
        "\u0661",
        "",
        1000,
        1.5,
        None,
        True,
    ],
)
async def test_an_amount_that_no_chain_can_hold_is_refused(ann: Visitor, amount: object) -> None:
    body = {**INTENT, "action": {**INTENT["action"], "amount": amount}}
    answer = await ann.post("/v1/intents", body)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer["errors"] == [{"pointer": "#/action/amount", "detail": answer["errors"][0]["detail"]}]
    assert "decimal number in quotes" in answer["detail"]


async def test_an_amount_of_78_digits_is_judged_by_its_rule(ann: Visitor) -> None:
    body = {**INTENT, "action": {**INTENT["action"], "amount": "9" * 78}}
    answer = await ann.post("/v1/intents", body)
    assert (answer.status, "below 10^60" in answer["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/alerts?limit=0", "limit"),
        ("/v1/alerts?limit=201", "limit"),
        ("/v1/alerts?limit=ten", "limit"),
        ("/v1/alerts?limit=1&limit=2", "limit"),
        ("/v1/alerts?limit=" + "9" * 5000, "limit"),
        ("/v1/alerts?status=asleep", "status"),
        ("/v1/alerts?cursor=nonsense", "cursor"),
        ("/v1/alerts?cursor=" + "A" * 23, "cursor"),
        ("/v1/alerts?cursor=%00", "cursor"),
        ("/v1/alerts?page=2", "page"),
        ("/v1/signals?status=asleep", "status"),
        ("/v1/intents?status=asleep", "status"),
        ("/v1/audit/events?cursor=__________8", "cursor"),
        ("/v1/positions/history?wallet=0x12", "wallet"),
        ("/v1/positions/history?wallet=0x5AAEB6053F3e94c9b9a09f33669435e7ef1beaed", "wallet"),
        ("/v1/positions/history?from=yesterday", "from"),
        ("/v1/positions/history?from=2026-02-30T00:00:00Z", "from"),
        ("/v1/positions/history?to=2026-01-01", "to"),
        ("/v1/positions/history?to=0001-01-01T00:00:00%2B14:00", "to"),
        ("/v1/positions/history?to=1767225600", "to"),
    ],
)
async def test_a_wrong_query_is_pointed_at(ann: Visitor, path: str, name: str) -> None:
    answer = await ann.get(path)
    assert (answer.status, answer.problem) == (422, "invalid"), answer.body
    assert [error["query"] for error in answer["errors"]] == [name]


@pytest.mark.parametrize(
    "path", ["/v1/alerts/1", "/v1/signals/x", "/v1/intents/%00", "/v1/audit/alerts/x/replay"]
)
async def test_what_is_no_id_is_told_so(ann: Visitor, path: str) -> None:
    answer = await ann.get(path)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert "path" in answer["errors"][0]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_id_that_nobody_has_is_not_found(ann: Visitor, method: str) -> None:
    answer = await ann.ask(method, f"/v1/intents/{id_of(1)}")
    assert (answer.status, answer.problem) == (404, "not-found")


async def test_the_input_is_not_shown_again_in_the_refusal(ann: Visitor) -> None:
    answer = await ann.post("/v1/me/tokens", {"name": "a", "secret": "hunter2", "days": "hunter3"})
    assert "hunter" not in str(answer.body)


async def test_a_token_in_strange_letters_is_unknown(stranger: Visitor) -> None:
    answer = await stranger.get("/v1/me", headers={"Authorization": "Bearer plm_\u00ff"})
    assert (answer.status, answer.problem) == (401, "not-signed-in")


async def test_a_refusal_carries_the_requests_id(ann: Visitor) -> None:
    sent = "0192f0c1-2345-7abc-8def-0123456789ab"
    answer = await ann.get("/v1/nothing", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] == sent
    assert answer["instance"] == f"urn:uuid:{sent}"
    other = await ann.get("/v1/nothing", headers={"X-Request-Id": "<script>"})
    assert UUID(other.headers["X-Request-Id"]).version == 7
