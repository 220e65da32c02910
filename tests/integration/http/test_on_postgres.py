import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING
from tests.integration.http.bodies import KEY, PREFERENCES, intent_of
from tests.integration.http.house import House
from tests.integration.http.visitor import Answer, Visitor, signed
from tests.unit.application.world import World

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from domain.shared.chain import Address


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """The main loop on PostgreSQL, as the worker's role, at the real time: the database looks at its own clock too."""
    world = World()
    world.clock.time = SystemClock().now()
    worker = PostgresDatabase(
        database.worker_url, work=PostgresWork, clock=world.clock, ids=world.ids, secrets=RING
    )
    world.begin = worker.begin
    world.observes = replace(world.observes, begin=worker.begin)
    world.detects = replace(world.detects, begin=worker.begin)
    world.raises = replace(world.raises, begin=worker.begin)
    world.claims = replace(world.claims, begin=worker.begin)
    world.delivers = replace(world.delivers, begin=worker.begin)
    yield world
    await worker.close()


@pytest.fixture
async def house(world: World, database: Database) -> AsyncIterator[House]:
    """The API on PostgreSQL, as the role that sees its actor's rows alone."""
    app = PostgresDatabase(
        database.app_url, work=PostgresWork, clock=world.clock, ids=world.ids, secrets=RING
    )
    yield House(
        begin=app.begin, begin_sight=app.begin_sight, clock=world.clock, ids=world.ids, readers=world.readers
    )
    await app.close()


async def test_a_message_signs_in_once(stranger: Visitor) -> None:
    body = signed(stranger.signer, str(await stranger.message()))
    answers = await asyncio.gather(*(stranger.post("/v1/auth/siwe", body) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201] + [401] * 4


async def test_two_first_sign_ins_at_once_open_one_account(stranger: Visitor) -> None:
    bodies = [signed(stranger.signer, str(await stranger.message())) for _ in range(5)]
    answers = await asyncio.gather(*(stranger.post("/v1/auth/siwe", body) for body in bodies))
    assert {answer.status for answer in answers} == {201}
    assert len({answer["user_id"] for answer in answers}) == 1


async def test_a_nonce_and_a_session_expire(stranger: Visitor, ann: Visitor, world: World) -> None:
    message = await stranger.message()
    world.clock.advance(timedelta(minutes=10))
    assert (await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(message)))).status == 401
    world.clock.advance(timedelta(days=7))
    assert (await ann.get("/v1/me")).status == 401


async def test_an_account_is_changed_and_deleted(ann: Visitor) -> None:
    seen = (await ann.get("/v1/me/preferences")).headers["ETag"]
    put = await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": seen})
    assert put.status == 200, put.body
    assert (await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": seen})).status == 412
    assert (await ann.get("/v1/me"))["preferences"] == put.body
    token = await ann.post("/v1/me/tokens", {"name": "bot"})
    assert (await ann.get("/v1/me/tokens"))["items"][0]["id"] == token["id"]
    assert (await ann.post("/v1/me/telegram")).status == 201
    assert (await ann.delete("/v1/me")).status == 204
    assert (await ann.get("/v1/me")).status == 401


async def test_requests_are_repeated_without_a_second_effect(ann: Visitor, bob: Visitor) -> None:
    first = await ann.post("/v1/intents", lasting_intent_of(ann), headers=KEY)
    again = await ann.post("/v1/intents", lasting_intent_of(ann), headers=KEY)
    assert (first.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    other = await ann.post("/v1/intents", lasting_intent_of(ann, days=60), headers=KEY)
    assert other.problem == "idempotency-key-reused"
    assert (await bob.post("/v1/intents", lasting_intent_of(bob), headers=KEY)).status == 201
    at_once = {"Idempotency-Key": "at-once"}
    answers = await asyncio.gather(
        *(ann.post("/v1/intents", lasting_intent_of(ann), headers=at_once) for _ in range(8))
    )
    assert {answer.status for answer in answers} <= {201, 409}
    assert len((await ann.get("/v1/intents"))["items"]) == 2
    secret = await ann.post("/v1/me/tokens", {"name": "bot"}, headers={"Idempotency-Key": "secret"})
    assert (
        await ann.post("/v1/me/tokens", {"name": "bot"}, headers={"Idempotency-Key": "secret"})
    ).status == 409
    assert secret.status == 201


async def test_another_users_things_do_not_exist(ann: Visitor, bob: Visitor, world: World) -> None:
    world.market.stakes[Address(ann.wallet)] = (10, 12_000)
    await world.live(2000)
    await world.live(1650)
    alert = (await ann.get("/v1/alerts?status=sent"))["items"][0]
    signal = (await ann.get("/v1/signals"))["items"][0]
    intent = await ann.post("/v1/intents", lasting_intent_of(ann))
    paths = [f"/v1/alerts/{alert['id']}", f"/v1/signals/{signal['id']}", intent.headers["Location"]]
    for path in (*paths, f"/v1/audit/alerts/{alert['id']}/replay"):
        assert (await ann.get(path)).status == 200, path
        assert (await bob.get(path)).problem == "not-found", path
    for path in paths[:2]:
        assert (await bob.post(f"{path}/acknowledgement")).problem == "not-found", path
        assert (await ann.post(f"{path}/acknowledgement")).status == 204, path
    assert (await bob.delete(paths[2])).problem == "not-found"
    for path in ("/v1/positions", "/v1/positions/history", "/v1/signals", "/v1/alerts", "/v1/intents"):
        assert (await bob.get(path))["items"] == [], path
        assert (await ann.get(path))["items"] != [], path
    assert {fact["fact"]["user_id"] for fact in (await bob.get("/v1/audit/events"))["items"]} == {bob.id}
    assert {fact["fact"]["user_id"] for fact in (await ann.get("/v1/audit/events"))["items"]} == {ann.id}


async def test_pages_lead_through_everything_once(ann: Visitor, world: World) -> None:
    world.market.stakes[Address(ann.wallet)] = (10, 5_000)
    for dollars in (2000, 2100, 2000, 2100, 2000):
        await world.live(dollars)
    for path, count in (("/v1/positions/history", 5), ("/v1/audit/events", None)):
        everything = (await ann.get(path))["items"]
        assert count in {None, len(everything)}
        page = await ann.get(f"{path}?limit=2")
        seen = page["items"]
        while page["next"] is not None:
            page = await ann.get(page.headers["Link"].removeprefix("<").partition(">")[0])
            seen += page["items"]
        assert seen == everything


async def test_an_alert_is_decided_again_byte_for_byte(ann: Visitor, world: World) -> None:
    world.market.stakes[Address(ann.wallet)] = (10, 12_000)
    await world.live(2000)
    await world.live(1650)
    alert = (await ann.get("/v1/alerts"))["items"][0]
    answer = await ann.get(f"/v1/audit/alerts/{alert['id']}/replay")
    assert (answer.status, answer["reproduced"], answer["obstacle"]) == (200, True, None), answer.body
    assert all(decision["recorded"] == decision["remade"] for decision in answer["decisions"])


async def test_a_database_that_is_gone_is_told_so(ann: Visitor, house: House) -> None:
    gone = PostgresDatabase(
        "postgresql://plimsoll_app:hunter2@127.0.0.1:9/nowhere",
        work=PostgresWork,
        clock=house.clock,
        ids=house.ids,
        secrets=RING,
    )
    elsewhere = replace(house, begin=gone.begin, begin_sight=gone.begin_sight)
    answer = await elsewhere_answer(elsewhere, ann)
    assert (answer.status, answer.problem, answer.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "hunter2" not in str(answer.body)
    await gone.close()


def lasting_intent_of(visitor: Visitor, *, days: int = 30) -> dict[str, Any]:
    until = visitor.clock.now() + timedelta(days=days)
    return intent_of(visitor, expires_at=until.isoformat())


async def elsewhere_answer(house: House, visitor: Visitor) -> Answer:
    async with TestClient(TestServer(house.app())) as client:
        return await replace(visitor, client=client).get("/v1/me")
