from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.http.bodies import PREFERENCES
from tests.integration.http.visitor import Visitor, key, signed
from tests.unit.application.world import World

from adapters.evm.eip55 import checksummed


async def test_preferences_are_replaced_and_shown(ann: Visitor) -> None:
    answer = await ann.put("/v1/me/preferences", PREFERENCES)
    assert answer.status == 200
    assert answer["alert_thresholds"] == {
        "health_factor_low": "2",
        "health_factor_critical": "1.3",
        "price_move": "0.05",
        "clear_margin": "0.02",
    }
    assert (await ann.get("/v1/me"))["preferences"] == answer.body
    assert (await ann.get("/v1/me/preferences")).body == answer.body


async def test_a_change_that_rests_on_what_is_no_longer_so_is_refused(ann: Visitor) -> None:
    seen = (await ann.get("/v1/me/preferences")).headers["ETag"]
    first = await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": seen})
    assert first.status == 200
    assert first.headers["ETag"] != seen
    late = await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": seen})
    assert (late.status, late.problem) == (412, "changed-meanwhile")
    fresh = f'"nothing", {first.headers["ETag"]}'
    assert (await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": fresh})).status == 200


@pytest.mark.parametrize("tag", ['"nothing"', "v2", 'W/"v2"', ""])
async def test_a_tag_that_was_never_given_matches_nothing(ann: Visitor, tag: str) -> None:
    assert (await ann.put("/v1/me/preferences", PREFERENCES, headers={"If-Match": tag})).status == 412


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"risk_profile": "reckless"}, "#/risk_profile"),
        ({"active_signals": ["moon"]}, "#/active_signals/0"),
        ({"notification_channels": "in_app"}, "#/notification_channels"),
        ({"alert_thresholds": {"health_factor_low": 2}}, "#/alert_thresholds/health_factor_low"),
        ({"alert_thresholds": {"health_factor_low": "NaN"}}, "#/alert_thresholds/health_factor_low"),
        ({"alert_thresholds": {"health_factor_low": "1e5"}}, "#/alert_thresholds/health_factor_low"),
        ({"favourite_colour": "red"}, "#/favourite_colour"),
    ],
)
async def test_a_wrong_field_is_pointed_at(ann: Visitor, changed: dict[str, Any], pointer: str) -> None:
    answer = await ann.put("/v1/me/preferences", {**PREFERENCES, **changed})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in {error["pointer"] for error in answer["errors"]}


@pytest.mark.parametrize(
    "thresholds",
    [
        {"health_factor_low": "1.1", "health_factor_critical": "1.2", "price_move": "0.1"},
        {"health_factor_low": "9" * 78, "health_factor_critical": "1.2", "price_move": "0.1"},
        {"health_factor_low": "2", "health_factor_critical": "1.2", "price_move": "0"},
    ],
)
async def test_thresholds_that_cannot_work_get_a_sentence(ann: Visitor, thresholds: dict[str, str]) -> None:
    answer = await ann.put("/v1/me/preferences", {**PREFERENCES, "alert_thresholds": thresholds})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer["detail"].endswith(".")


async def test_another_wallet_is_linked_by_its_own_signature(ann: Visitor) -> None:
    statement = (await ann.get("/v1/me/wallets"))["linking_statement"]
    other = key(50)
    message = await ann.message(address=other.address, statement=statement)
    answer = await ann.post("/v1/me/wallets", {**signed(other, str(message)), "label": "Cold"})
    assert (answer.status, answer["address"], answer["label"]) == (201, other.address.lower(), "Cold")
    assert [wallet["address"] for wallet in (await ann.get("/v1/me/wallets"))["items"]] == [
        ann.wallet,
        other.address.lower(),
    ]
    assert (await ann.delete(answer.headers["Location"])).status == 204
    assert (await ann.delete(f"/v1/me/wallets/{checksummed(answer['address'])}")).status == 404


async def test_a_signature_for_one_account_links_to_no_other(ann: Visitor, bob: Visitor) -> None:
    statement = (await ann.get("/v1/me/wallets"))["linking_statement"]
    other = key(50)
    message = await ann.message(address=other.address, statement=statement)
    answer = await bob.post("/v1/me/wallets", signed(other, str(message)))
    assert (answer.status, answer.problem) == (403, "denied")
    assert bob.id in answer["detail"]


async def test_a_signature_for_linking_signs_nobody_in(ann: Visitor) -> None:
    statement = (await ann.get("/v1/me/wallets"))["linking_statement"]
    body = signed(ann.signer, str(await ann.message(statement=statement)))
    assert (await ann.post("/v1/auth/siwe", body)).status == 401


async def test_a_signature_for_signing_in_links_nothing(ann: Visitor) -> None:
    other = key(50)
    message = await ann.message(address=other.address)
    assert (await ann.post("/v1/me/wallets", signed(other, str(message)))).status == 403


async def test_a_linked_wallet_is_not_linked_twice(ann: Visitor) -> None:
    statement = (await ann.get("/v1/me/wallets"))["linking_statement"]
    body = signed(ann.signer, str(await ann.message(statement=statement)))
    assert (await ann.post("/v1/me/wallets", body)).problem == "conflict"
    again = await ann.post("/v1/me/wallets", body)
    assert (again.status, "used already" in again["detail"]) == (403, True)


async def test_the_wallet_that_signs_in_stays(ann: Visitor) -> None:
    answer = await ann.delete(f"/v1/me/wallets/{ann.wallet}")
    assert (answer.status, answer.problem) == (409, "conflict")


@pytest.mark.parametrize(
    "address", ["0x12", "vitalik.eth", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD".swapcase()]
)
async def test_a_wrong_address_or_checksum_is_told(ann: Visitor, address: str) -> None:
    answer = await ann.delete(f"/v1/me/wallets/{address}")
    assert (answer.status, answer["errors"][0]["path"]) == (422, "address")


async def test_a_program_gets_a_token_of_its_own(ann: Visitor, visitor: Callable[[int], Visitor]) -> None:
    issued = await ann.post("/v1/me/tokens", {"name": "bot", "days": 30})
    assert issued.status == 201
    program = visitor(3)
    program.token = issued["token"]
    assert (await program.get("/v1/me"))["id"] == ann.id
    listed = await ann.get("/v1/me/tokens")
    assert [(token["id"], token["name"]) for token in listed["items"]] == [(issued["id"], "bot")]
    assert issued["token"] not in str(listed.body)
    assert (await ann.delete(issued.headers["Location"])).status == 204
    assert (await program.get("/v1/me")).status == 401
    assert (await ann.delete(issued.headers["Location"])).status == 404


async def test_a_token_expires(ann: Visitor, visitor: Callable[[int], Visitor], world: World) -> None:
    program = visitor(3)
    program.token = (await ann.post("/v1/me/tokens", {"name": "bot", "days": 1}))["token"]
    world.clock.advance(timedelta(days=1))
    assert (await program.get("/v1/me")).status == 401


async def test_nobody_revokes_anothers_token(ann: Visitor, bob: Visitor) -> None:
    issued = await ann.post("/v1/me/tokens", {"name": "bot"})
    assert (await bob.delete(issued.headers["Location"])).status == 404
    assert (await bob.get("/v1/me/tokens"))["items"] == []


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "\u0000"}, {"name": "a", "days": 0}, {"name": "a", "days": "9"}]
)
async def test_a_token_needs_a_name_and_an_end(ann: Visitor, body: dict[str, Any]) -> None:
    assert (await ann.post("/v1/me/tokens", body)).status == 422


async def test_deleting_the_account_ends_every_token(ann: Visitor, visitor: Callable[[int], Visitor]) -> None:
    program = visitor(3)
    program.token = (await ann.post("/v1/me/tokens", {"name": "bot"}))["token"]
    assert (await ann.delete("/v1/me")).status == 204
    assert (await program.get("/v1/me")).status == 401


async def test_a_telegram_code_comes_with_a_link(ann: Visitor) -> None:
    answer = await ann.post("/v1/me/telegram")
    assert answer.status == 201
    assert answer["deep_link"] == f"https://t.me/plimsoll_bot?start={answer['code']}"
    assert (await ann.delete("/v1/me/telegram")).status == 204
