from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor, key

from domain.shared.errors import Conflict
from entrypoints.http.frame.problems import PROBLEM_TYPES
from entrypoints.http.server import serving
from entrypoints.http.service import Check


async def test_the_process_says_that_it_lives(stranger: Visitor) -> None:
    answer = await stranger.get("/healthz")
    assert (answer.status, answer.body) == (200, {"status": "ok"})


async def test_what_is_missing_is_named(stranger: Visitor, house: House) -> None:
    assert (await stranger.get("/readyz"))["status"] == "ready"
    house.missing.append(Check("chain 1", "The node does not answer."))
    answer = await stranger.get("/readyz")
    assert (answer.status, answer.problem) == (503, "not-ready")
    assert answer["detail"] == "chain 1: The node does not answer."
    assert answer["checks"] == [
        {"name": "database", "ready": True},
        {"name": "chain 1", "ready": False, "reason": "The node does not answer."},
    ]


async def test_requests_are_counted_by_route_and_never_by_path(ann: Visitor) -> None:
    await ann.get("/v1/alerts/00000000-0000-0000-0000-000000000001")
    await ann.get("/wp-admin.php")
    answer = await ann.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert (
        'plimsoll_http_requests_total{method="GET",route="/v1/alerts/{alert_id}",status="404"} 1.0'
        in answer.body
    )
    assert 'route="unknown",status="404"' in answer.body
    assert "wp-admin" not in answer.body
    assert "00000000" not in answer.body


async def test_every_kind_of_refusal_explains_itself_at_its_uri(stranger: Visitor) -> None:
    listed = (await stranger.get("/problems"))["items"]
    assert len(listed) == len(PROBLEM_TYPES)
    for kind in listed:
        assert (await stranger.get(kind["type"])).body == kind
    assert (await stranger.get("/problems/none")).problem == "not-found"


@pytest.mark.parametrize("path", ["/healthz", "/v1/me", "/v1/nothing", "/docs", "/openapi.json"])
async def test_every_answer_guards_itself_against_browsers(stranger: Visitor, path: str) -> None:
    headers = (await stranger.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_a_private_answer_is_kept_by_nobody_else(ann: Visitor) -> None:
    assert (await ann.get("/v1/me")).headers["Cache-Control"] == "private, no-cache"


async def test_head_is_answered_without_a_body(ann: Visitor) -> None:
    answer = await ann.ask("HEAD", "/v1/me")
    assert (answer.status, answer.body) == (200, "")
    assert (await ann.ask("HEAD", "/v1/nothing")).status == 404


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.files += [value for name in ("src", "href") if (value := named.get(name)) is not None]
        self.inline += [name for name in named if name.startswith("on") or name == "style"]


async def test_the_page_loads_what_it_needs_from_here(stranger: Visitor) -> None:
    page = Page()
    page.feed((await stranger.get("/docs")).body)
    assert "/docs/swagger-ui-bundle.js" in page.files
    assert page.inline == []
    for file in page.files:
        async with stranger.client.get(file) as response:
            assert response.status == 200, file
            assert len(await response.read()) > 50


@pytest.mark.parametrize("file", ["package.json", "..%2fpackage.json", "%2e%2e/package.json", "index.html"])
async def test_no_other_file_is_handed_out(stranger: Visitor, file: str) -> None:
    assert (await stranger.get(f"/docs/{file}")).status == 404


async def test_without_the_node_package_the_page_says_so(house: House, tmp_path: Path) -> None:
    house.swagger = tmp_path
    async with TestClient(TestServer(house.app())) as client:
        page = await Visitor(client, house.clock, key(1)).get("/docs")
    assert page.status == 200
    assert "/openapi.json" in page.body
    assert "swagger-ui-dist" in page.body
    assert "<script" not in page.body


async def test_a_busy_port_gets_a_sentence(house: House) -> None:
    async with serving(house.app(), host="127.0.0.1", port=0) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(Conflict, match=f"Port {port} on 127.0.0.1 is taken"):
            async with serving(house.app(), host="127.0.0.1", port=port):
                pass


async def test_what_breaks_shows_nothing_but_its_id(
    house: House, client: TestClient[Any, Any], ann: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    house.jobs.waiting = None  # type: ignore[assignment]
    answer = await ann.post("/v1/positions/refresh")
    assert (answer.status, answer.problem) == (500, "internal")
    assert answer["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"
    assert "NoneType" not in str(answer.body)
    assert ann.token is not None
    assert ann.token not in capsys.readouterr().out
