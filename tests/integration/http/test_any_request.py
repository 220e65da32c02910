import asyncio
import json
import re
from typing import Any
from urllib.parse import quote

from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.http.bodies import INTENT, PREFERENCES
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor, key
from tests.unit.application.market import CHAIN, WETH
from tests.unit.application.world import World

from entrypoints.http.app import endpoints_of
from entrypoints.http.frame.endpoint import Endpoint

SIMULATION = {
    "wallet": "0x" + "1" * 40,
    "chain_id": CHAIN,
    "steps": [
        {"kind": "price", "asset": WETH, "price": "1"},
        {"kind": "repay", "asset": WETH, "amount": "1"},
    ],
}
GOOD: list[Any] = [
    INTENT,
    PREFERENCES,
    SIMULATION,
    {"name": "bot", "days": 1},
    {"code": "AAAAAAAAAA"},
    {"user": None, "after": 3, "until": 9},
    {"message": "x", "signature": "0x00", "label": ""},
]

texts = st.text(max_size=20) | st.sampled_from(
    [
        "\x00",
        "9" * 78,
        "1e999",
        "-0",
        "0x" + "f" * 40,
        "armed",
        "2026-01-01T00:00:00Z",
        "\ufffe",
        "%",
        "../..",
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Return a good body of which one part was replaced."""
    body = json.loads(json.dumps(draw(st.sampled_from(GOOD))))
    at = body
    while True:
        step = draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        if not isinstance(at[step], dict | list) or not at[step] or draw(st.booleans()):
            at[step] = draw(anything)
            return body
        at = at[step]


@st.composite
def requests(draw: st.DrawFn) -> tuple[int, dict[str, str], list[tuple[str, str]], Any, dict[str, str]]:
    """Return which endpoint is asked (by number), with which path, query, body and headers."""
    names = st.sampled_from(["limit", "cursor", "status", "wallet", "from", "to", "other"])
    header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
    headers = st.sampled_from(["If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "Accept"])
    return (
        draw(st.integers(0, 10**6)),
        {"any": draw(texts.filter(lambda text: text not in {"", ".", ".."}))},
        draw(st.lists(st.tuples(names, texts), max_size=3)),
        draw(spoilt() | anything),
        draw(st.dictionaries(headers, header_texts, max_size=2)),
    )


@settings(max_examples=40)
@given(st.lists(requests(), min_size=15, max_size=30))
def test_no_request_breaks_anything_or_gets_less_than_a_problem_document(asked: list[Any]) -> None:
    asyncio.run(ask_all(asked))


async def ask_all(asked: list[Any]) -> None:
    world = World()
    house = House(
        begin=world.begin,
        begin_sight=world.database.begin_sight,
        clock=world.clock,
        ids=world.ids,
        readers=world.readers,
    )
    app = house.app()
    endpoints = [
        endpoint for endpoint in endpoints_of(app) if endpoint.path not in {"/v1/me/email", "/docs/{file}"}
    ]
    async with TestClient(TestServer(app)) as client:
        visitor = await Visitor(client, house.clock, key(1)).sign_in()
        for number, path, query, body, headers in asked:
            if (await visitor.get("/v1/me")).status == 401:  # an earlier request closed the session
                visitor.token = None
                await visitor.sign_in()
            await ask(visitor, endpoints[number % len(endpoints)], path["any"], query, body, headers)


async def ask(
    visitor: Visitor,
    endpoint: Endpoint,
    part: str,
    query: list[tuple[str, str]],
    body: Any,
    headers: dict[str, str],
) -> None:
    path = re.sub(r"{\w+}", lambda _: quote(part, safe=""), endpoint.path)
    answer = await visitor.ask(endpoint.method, path, body, headers=headers, params=query)
    assert answer.status < 500, (path, query, body, headers, answer.body)
    if answer.status >= 400:
        assert answer.problem, path
        assert answer["detail"], path
