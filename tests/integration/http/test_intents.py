from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.http.bodies import INTENT, intent_of
from tests.integration.http.visitor import Visitor


async def test_an_intent_is_armed_shown_and_taken_back(ann: Visitor) -> None:
    made = await ann.post("/v1/intents", intent_of(ann))
    assert (made.status, made["status"]) == (201, "armed")
    assert made["action"] == {"kind": "repay", "asset": INTENT["action"]["asset"], "amount": "1000"}
    assert made["expires_at"] == "2026-06-01T00:00:00Z"
    shown = await ann.get(made.headers["Location"])
    assert (shown.status, shown.body) == (200, made.body)
    gone = await ann.delete(made.headers["Location"])
    assert (gone.status, gone["status"]) == (200, "cancelled")
    assert (await ann.delete(made.headers["Location"])).status == 200
    assert (await ann.get("/v1/intents?status=armed"))["items"] == []
    assert (await ann.get("/v1/intents?status=cancelled"))["items"] == [gone.body]


async def test_a_client_that_has_the_newest_is_not_sent_it_again(ann: Visitor) -> None:
    made = await ann.post("/v1/intents", intent_of(ann))
    where = made.headers["Location"]
    seen = (await ann.get(where)).headers["ETag"]
    same = await ann.get(where, headers={"If-None-Match": f'"other", W/{seen}'})
    assert (same.status, same.body, same.headers["ETag"]) == (304, "", seen)
    await ann.delete(where)
    assert (await ann.get(where, headers={"If-None-Match": seen})).status == 200


async def test_an_intents_page_leads_to_the_next(ann: Visitor) -> None:
    made = [
        (await ann.post("/v1/intents", intent_of(ann), headers={"Idempotency-Key": str(n)}))["id"]
        for n in range(5)
    ]
    seen: list[str] = []
    path: str | None = "/v1/intents?limit=2&status=armed"
    while path is not None:
        page = await ann.get(path)
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        link = page.headers.get("Link")
        assert (link is None) == (page["next"] is None)
        path = None if link is None else link.removeprefix("<").partition(">")[0]
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


async def test_another_users_intents_do_not_exist(ann: Visitor, bob: Visitor) -> None:
    made = await ann.post("/v1/intents", intent_of(ann))
    where = made.headers["Location"]
    assert (await bob.get(where)).problem == "not-found"
    assert (await bob.delete(where)).problem == "not-found"
    assert (await bob.get("/v1/intents"))["items"] == []
    assert (await ann.get(where))["status"] == "armed"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (lambda body: body["condition"].update(wallet="0x" + "99" * 20), "is not linked"),
        (lambda body: body["condition"].update(chain_id=5), "Chain 5 is not configured"),
        (lambda body: body["condition"].update(health_factor_below="1"), "above 1"),
        (lambda body: body["limits"].update(total="999"), "more than the total limit"),
        (lambda body: body.update(expires_at="2025-01-01T00:00:00Z"), "in the past"),
        (lambda body: body.update(expires_at="2030-01-01T00:00:00+01:00"), "a year at most"),
    ],
)
async def test_what_a_policy_refuses_gets_its_sentence(
    ann: Visitor, changed: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    body = intent_of(ann)
    body = {name: dict(value) if isinstance(value, dict) else value for name, value in body.items()}
    changed(body)
    answer = await ann.post("/v1/intents", body)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert sentence in answer["detail"]
    assert (await ann.get("/v1/intents"))["items"] == []
