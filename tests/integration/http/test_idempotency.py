import asyncio
from datetime import timedelta

import pytest
from tests.integration.http.bodies import KEY, intent_of
from tests.integration.http.visitor import Visitor
from tests.unit.application.world import World


async def test_a_repeated_request_has_one_effect_and_one_answer(ann: Visitor) -> None:
    first = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    again = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    assert (first.status, "Idempotency-Replayed" in first.headers) == (201, False)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert len((await ann.get("/v1/intents"))["items"]) == 1


async def test_the_same_key_with_another_request_is_refused(ann: Visitor) -> None:
    assert (await ann.post("/v1/intents", intent_of(ann), headers=KEY)).status == 201
    other = await ann.post("/v1/intents", intent_of(ann, expires_at="2026-07-01T00:00:00Z"), headers=KEY)
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    elsewhere = await ann.post("/v1/positions/refresh", headers=KEY)
    assert elsewhere.problem == "idempotency-key-reused"


async def test_two_users_may_choose_the_same_key(ann: Visitor, bob: Visitor) -> None:
    first = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    second = await bob.post("/v1/intents", intent_of(bob), headers=KEY)
    assert (first.status, second.status) == (201, 201)
    assert first["id"] != second["id"]


async def test_of_ten_at_once_one_has_an_effect(ann: Visitor) -> None:
    answers = await asyncio.gather(*(ann.post("/v1/intents", intent_of(ann), headers=KEY) for _ in range(10)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert 201 in {answer.status for answer in answers}
    assert len((await ann.get("/v1/intents"))["items"]) == 1


async def test_a_refused_request_may_be_repeated(ann: Visitor) -> None:
    body = intent_of(ann, expires_at="2020-01-01T00:00:00Z")
    refused = [await ann.post("/v1/intents", body, headers=KEY) for _ in range(2)]
    assert [answer.problem for answer in refused] == ["invalid", "invalid"]
    mended = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    assert mended.status == 201


async def test_an_answer_that_got_lost_in_a_crash_is_found_again(ann: Visitor, world: World) -> None:
    first = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    world.database.store.rows["idempotency_keys"].clear()
    world.clock.advance(timedelta(minutes=2))
    again = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    assert (again.status, again["id"]) == (201, first["id"])
    other = await ann.post("/v1/intents", intent_of(ann), headers=KEY)
    assert other["id"] == first["id"]


async def test_a_secret_is_shown_once(ann: Visitor, world: World) -> None:
    first = await ann.post("/v1/me/tokens", {"name": "bot"}, headers=KEY)
    again = await ann.post("/v1/me/tokens", {"name": "bot"}, headers=KEY)
    assert (first.status, again.status, again.problem) == (201, 409, "conflict")
    assert len((await ann.get("/v1/me/tokens"))["items"]) == 1
    assert first["token"] not in repr(world.database.store.rows)


async def test_an_empty_answer_is_repeated_empty(ann: Visitor) -> None:
    for _ in range(2):
        answer = await ann.delete("/v1/me/telegram", headers=KEY)
        assert (answer.status, answer.body) == (204, "")


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "\u00e9"])
async def test_what_is_no_key_is_told_so(ann: Visitor, key: str) -> None:
    answer = await ann.post("/v1/intents", intent_of(ann), headers={"Idempotency-Key": key})
    assert (answer.status, answer["errors"][0]["header"]) == (422, "Idempotency-Key")
