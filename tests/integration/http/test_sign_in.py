import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.http.visitor import Visitor, key, signed
from tests.unit.application.world import World


async def test_a_wallet_signs_in_and_is_known(stranger: Visitor) -> None:
    answer = await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(await stranger.message())))
    assert answer.status == 201
    assert answer["token"].startswith("plm_")
    assert answer.headers["Cache-Control"] == "no-store"
    stranger.token = answer["token"]
    me = await stranger.get("/v1/me")
    assert (me.status, me["id"], me["wallet_address"]) == (200, answer["user_id"], stranger.wallet)
    assert [wallet["address"] for wallet in me["wallets"]] == [stranger.wallet]


async def test_the_same_wallet_signs_in_to_the_same_account(ann: Visitor) -> None:
    first, first_token = ann.id, ann.token
    await ann.sign_in()
    assert ann.id == first
    assert ann.token != first_token


async def test_two_first_sign_ins_at_once_open_one_account(stranger: Visitor) -> None:
    bodies = [signed(stranger.signer, str(await stranger.message())) for _ in range(5)]
    answers = await asyncio.gather(*(stranger.post("/v1/auth/siwe", body) for body in bodies))
    assert {answer.status for answer in answers} == {201}
    assert len({answer["user_id"] for answer in answers}) == 1


async def test_a_message_signs_in_once(stranger: Visitor) -> None:
    body = signed(stranger.signer, str(await stranger.message()))
    assert (await stranger.post("/v1/auth/siwe", body)).status == 201
    again = await stranger.post("/v1/auth/siwe", body)
    assert (again.status, again.problem) == (401, "not-signed-in")
    assert "used already" in again["detail"]


async def test_of_the_same_message_ten_times_at_once_one_signs_in(stranger: Visitor) -> None:
    body = signed(stranger.signer, str(await stranger.message()))
    answers = await asyncio.gather(*(stranger.post("/v1/auth/siwe", body) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [401] * 9


async def test_a_nonce_expires(stranger: Visitor, world: World) -> None:
    message = await stranger.message()
    world.clock.advance(timedelta(minutes=10))
    answer = await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(message)))
    assert answer.status == 401
    assert "expired" in answer["detail"]


async def test_a_nonce_that_was_never_issued_signs_nobody_in(stranger: Visitor) -> None:
    message = await stranger.message(nonce="0123456789abcdef")
    assert (await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(message)))).status == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"domain": "evil.test"},
        {"uri": "https://evil.test"},
        {"issued_at": "2020-01-01T00:00:00Z"},
        {"expiration_time": "2025-12-31T23:59:59Z"},
        {"not_before": "2026-01-02T00:00:00Z"},
    ],
)
async def test_a_message_for_elsewhere_or_another_time_is_denied(
    stranger: Visitor, changed: dict[str, Any]
) -> None:
    message = await stranger.message(**changed)
    answer = await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(message)))
    assert (answer.status, answer.problem) == (401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer["detail"].endswith(".")


async def test_another_wallets_signature_is_denied(stranger: Visitor) -> None:
    answer = await stranger.post("/v1/auth/siwe", signed(key(99), str(await stranger.message())))
    assert answer.status == 401


@pytest.mark.parametrize("message", ["hello", "", "x" * 5000])
async def test_what_is_no_message_is_told_so(stranger: Visitor, message: str) -> None:
    answer = await stranger.post("/v1/auth/siwe", signed(stranger.signer, message))
    assert (answer.status, answer.problem) == (422, "invalid")


async def test_a_denied_message_leaves_the_nonce_to_a_good_one(stranger: Visitor) -> None:
    message = await stranger.message()
    wrong = replace(message, domain="evil.test")
    assert (await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(wrong)))).status == 401
    assert (await stranger.post("/v1/auth/siwe", signed(stranger.signer, str(message)))).status == 201


async def test_signing_out_makes_the_token_worthless(ann: Visitor) -> None:
    assert (await ann.delete("/v1/auth/session")).status == 204
    assert (await ann.get("/v1/me")).problem == "not-signed-in"


async def test_a_session_ends_by_itself(ann: Visitor, world: World) -> None:
    world.clock.advance(timedelta(days=7))
    assert (await ann.get("/v1/me")).status == 401


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer plm_nobody", "Bearer " + "x" * 5000]
)
async def test_without_a_good_token_nobody_is_known(stranger: Visitor, header: str | None) -> None:
    sent = {} if header is None else {"Authorization": header}
    answer = await stranger.get("/v1/me", headers=sent)
    assert (answer.status, answer.problem) == (401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_token_is_stored_nowhere(ann: Visitor, world: World) -> None:
    assert ann.token is not None
    assert ann.token not in repr(world.database.store.rows)
    assert ann.token not in repr(world.database.store.log)


async def test_who_leaves_can_come_back_as_somebody_new(ann: Visitor) -> None:
    before = ann.id
    assert (await ann.delete("/v1/me")).status == 204
    assert (await ann.get("/v1/me")).status == 401
    ann.token = None
    assert (await ann.sign_in()).id != before
