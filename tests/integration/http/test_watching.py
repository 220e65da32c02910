import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor
from tests.unit.application.market import CHAIN, USDC, WETH
from tests.unit.application.world import World

from domain.shared.chain import Address


@pytest.fixture
async def alarmed(ann: Visitor, world: World) -> Visitor:
    """Ann, whose position has just fallen below both of her lines."""
    world.market.stakes[Address(ann.wallet)] = (10, 12_000)
    await world.live(2000)
    await world.live(1650)
    return ann


async def test_the_newest_position_is_shown_with_its_line(alarmed: Visitor) -> None:
    answer = await alarmed.get("/v1/positions")
    (position,) = answer["items"]
    assert (position["wallet"], position["chain_id"], position["status"]) == (alarmed.wallet, CHAIN, "known")
    assert position["reason"] is None
    holdings = position["holdings"]
    assert holdings["account"] == {
        "health_factor": "1.134375",
        "liquidatable": False,
        "total_collateral_usd": "16500",
        "total_debt_usd": "12000",
        "ltv": "0.8",
        "liquidation_threshold": "0.825",
    }
    assert holdings["collateral"] == [
        {"asset": WETH, "symbol": "WETH", "amount": "10", "price_usd": "1650", "value_usd": "16500"}
    ]
    assert [stake["amount"] for stake in holdings["debt"]] == ["12000"]
    assert {
        price["symbol"]: (price["side"], price["price_usd"][:7]) for price in holdings["liquidation_prices"]
    } == {
        "WETH": ("falls_to", "1454.54"),
        "USDC": ("rises_to", "1.13437"),
    }


async def test_what_could_not_be_read_is_unknown_and_not_zero(ann: Visitor, world: World) -> None:
    world.market.unread[Address(ann.wallet)] = "The oracle does not answer."
    await world.live()
    (position,) = (await ann.get("/v1/positions"))["items"]
    assert (position["status"], position["holdings"]) == ("unknown", None)
    assert position["reason"] == "The oracle does not answer."


async def test_an_unchanged_list_is_not_sent_again(alarmed: Visitor, world: World) -> None:
    seen = (await alarmed.get("/v1/positions")).headers["ETag"]
    assert (await alarmed.get("/v1/positions", headers={"If-None-Match": seen})).status == 304
    await world.live(1700)
    assert (await alarmed.get("/v1/positions", headers={"If-None-Match": seen})).status == 200


async def test_history_is_cut_by_time_and_wallet_and_paged(alarmed: Visitor, world: World) -> None:
    for dollars in (1700, 1750, 1800):
        await world.live(dollars)
    everything = (await alarmed.get("/v1/positions/history"))["items"]
    times = [item["block"]["time"] for item in everything]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5
    cut = await alarmed.get("/v1/positions/history", params={"from": times[3], "to": times[1]})
    assert [item["block"]["time"] for item in cut["items"]] == times[1:4]
    first = await alarmed.get(f"/v1/positions/history?limit=3&wallet={alarmed.wallet}")
    rest = await alarmed.get(f"/v1/positions/history?limit=3&cursor={first['next']}")
    assert first["items"] + rest["items"] == everything
    assert (rest["next"], "Link" in rest.headers) == (None, False)
    assert (await alarmed.get(f"/v1/positions/history?wallet=0x{'5' * 40}"))["items"] == []
    upside_down = await alarmed.get("/v1/positions/history", params={"from": times[0], "to": times[4]})
    assert upside_down.status == 422


async def test_a_refresh_is_asked_for_and_not_waited_for(ann: Visitor, house: House) -> None:
    answer = await ann.post("/v1/positions/refresh")
    assert (answer.status, answer["chains"]) == (202, [CHAIN])
    assert len(house.jobs.waiting) == 1


async def test_a_simulation_shows_before_and_after(alarmed: Visitor) -> None:
    body = {
        "wallet": alarmed.wallet,
        "chain_id": CHAIN,
        "steps": [
            {"kind": "price", "asset": WETH, "price": "1000"},
            {"kind": "repay", "asset": USDC, "amount": "7000.000001"},
        ],
    }
    answer = await alarmed.post("/v1/positions/simulation", body)
    assert answer.status == 200, answer.body
    assert answer["before"]["account"]["health_factor"] == "1.134375"
    assert answer["after"]["debt"][0]["amount"] == "4999.999999"
    assert answer["after"]["account"]["health_factor"].startswith("1.65")
    assert (await alarmed.get("/v1/positions"))["items"][0]["holdings"]["account"][
        "total_debt_usd"
    ] == "12000"


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"chain_id": 5}, 404, "Chain 5 is not configured"),
        ({"chain_id": 10**80}, 422, "#/chain_id"),
        ({"chain_id": "1"}, 422, "#/chain_id"),
        ({"wallet": "0x" + "9" * 40}, 404, "is not linked"),
        ({"steps": []}, 422, "#/steps"),
        ({"steps": [{"kind": "pray"}]}, 422, "#/steps/0"),
        ({"steps": [{"kind": "price", "asset": WETH, "amount": "1"}]}, 422, "#/steps/0/price"),
        ({"steps": [{"kind": "repay", "asset": WETH, "amount": 1}]}, 422, "#/steps/0/amount"),
        ({"steps": [{"kind": "repay", "asset": USDC, "amount": "20000"}]}, 422, "Cannot repay more USDC"),
        ({"steps": [{"kind": "borrow", "asset": "0x" + "7" * 40, "amount": "1"}]}, 422, "no reserve"),
        ({"steps": [{"kind": "price", "asset": WETH, "price": "9" * 78}]}, 422, "not an amount"),
    ],
)
async def test_a_simulation_that_cannot_be_gets_a_sentence(
    alarmed: Visitor, changed: Mapping[str, Any], status: int, said: str
) -> None:
    step = {"kind": "deposit", "asset": WETH, "amount": "1"}
    body = {"wallet": alarmed.wallet, "chain_id": CHAIN, "steps": [step], **changed}
    answer = await alarmed.post("/v1/positions/simulation", body)
    assert answer.status == status, answer.body
    assert said in answer["detail"]


async def test_signals_are_listed_shown_and_acknowledged(alarmed: Visitor) -> None:
    listed = (await alarmed.get("/v1/signals"))["items"]
    assert {signal["type"] for signal in listed} >= {"health_factor_critical"}
    where = f"/v1/signals/{listed[0]['id']}"
    before = await alarmed.get(where)
    assert (before.status, before["status"]) == (200, "active")
    assert before["data"]["block_hash"].startswith("0x")
    assert (await alarmed.post(f"{where}/acknowledgement")).status == 204
    assert (await alarmed.post(f"{where}/acknowledgement")).status == 204
    after = await alarmed.get(where, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, after["status"]) == (200, "acknowledged")
    active = (await alarmed.get("/v1/signals?status=active"))["items"]
    assert len(active) == len(listed) - 1


async def test_alerts_are_shown_with_their_receipts_and_acknowledged(alarmed: Visitor) -> None:
    listed = (await alarmed.get("/v1/alerts?status=sent&status=pending"))["items"]
    assert "below your 1.15" in listed[0]["message"]
    where = f"/v1/alerts/{listed[0]['id']}"
    shown = await alarmed.get(where)
    assert shown["alert"] == listed[0]
    (delivery,) = shown["deliveries"]
    assert (delivery["channel"], delivery["status"]) == ("in_app", "delivered")
    assert delivery["receipt"]["id"].isdigit()
    assert (await alarmed.post(f"{where}/acknowledgement")).status == 204
    again = (await alarmed.get("/v1/alerts?status=acknowledged"))["items"]
    assert [alert["id"] for alert in again] == [listed[0]["id"]]


async def test_an_alert_that_is_over_cannot_be_acknowledged(alarmed: Visitor, world: World) -> None:
    alert = (await alarmed.get("/v1/alerts"))["items"][0]
    await world.live(4000)
    answer = await alarmed.post(f"/v1/alerts/{alert['id']}/acknowledgement")
    assert (answer.status, answer.problem) == (409, "conflict")


async def test_another_users_things_do_not_exist(alarmed: Visitor, bob: Visitor) -> None:
    signal = (await alarmed.get("/v1/signals"))["items"][0]["id"]
    alert = (await alarmed.get("/v1/alerts"))["items"][0]["id"]
    for path in (f"/v1/signals/{signal}", f"/v1/alerts/{alert}", f"/v1/audit/alerts/{alert}/replay"):
        assert (await bob.get(path)).problem == "not-found", path
    for path in (f"/v1/signals/{signal}", f"/v1/alerts/{alert}"):
        assert (await bob.post(f"{path}/acknowledgement")).problem == "not-found", path
    for path in ("/v1/positions", "/v1/positions/history", "/v1/signals", "/v1/alerts"):
        assert (await bob.get(path))["items"] == [], path
    body = {
        "wallet": alarmed.wallet,
        "chain_id": CHAIN,
        "steps": [{"kind": "deposit", "asset": WETH, "amount": "1"}],
    }
    assert (await bob.post("/v1/positions/simulation", body)).problem == "not-found"


async def test_a_cursor_from_anothers_list_shows_nothing_of_it(alarmed: Visitor, bob: Visitor) -> None:
    page = await alarmed.get("/v1/positions/history?limit=1")
    assert page["next"] is not None
    assert (await bob.get(f"/v1/positions/history?cursor={page['next']}"))["items"] == []


async def test_the_log_is_read_in_pages_from_its_beginning(alarmed: Visitor) -> None:
    facts: list[Any] = []
    path = "/v1/audit/events?limit=2"
    while True:
        page = await alarmed.get(path)
        facts += page["items"]
        if page["next"] is None:
            break
        path = page.headers["Link"].removeprefix("<").partition(">")[0]
    places = [fact["place"] for fact in facts]
    assert places == sorted(set(places))
    assert [fact["type"] for fact in facts][:2] == ["user.registered.v1", "wallet.linked.v1"]
    assert all(fact["fact"]["user_id"] == alarmed.id for fact in facts)
    assert "alert.raised.v1" in {fact["type"] for fact in facts}


async def test_an_alert_is_decided_again_byte_for_byte(alarmed: Visitor) -> None:
    alert = (await alarmed.get("/v1/alerts"))["items"][0]
    answer = await alarmed.get(f"/v1/audit/alerts/{alert['id']}/replay")
    assert (answer.status, answer["reproduced"], answer["obstacle"]) == (200, True, None)
    assert answer["alert"]["id"] == alert["id"]
    assert answer["steps"]
    for decision in answer["decisions"]:
        assert decision["recorded"] == decision["remade"]
        assert hashlib.sha256(decision["recorded"].encode()).hexdigest() == decision["recorded_sha256"]
