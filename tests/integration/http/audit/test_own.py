import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.integration.http.audit.conftest import Office
from tests.integration.http.bodies import intent_of
from tests.integration.http.visitor import Visitor
from tests.unit.application.world import World

from adapters.seals.leaf import leaf_of
from application.audit.explaining.explain_alert import ExplainAlert
from application.shared.ports import Place
from domain.shared.ids import AlertId, Id
from entrypoints.cli.audit.proof_file import read_proof
from entrypoints.http.audit.report_page import AlertReport, page_of

Alarm = Callable[[Visitor], Awaitable[str]]


async def test_events_are_found_by_type_stream_time_and_cause(
    ann: Visitor, bob: Visitor, alarm: Alarm, world: World
) -> None:
    alert = await alarm(ann)
    everything = (await ann.get("/v1/audit/events?limit=200"))["items"]
    assert {one["user_id"] for one in everything} == {ann.id}
    by_type = (await ann.get("/v1/audit/events?type=alert."))["items"]
    assert {one["type"].partition(".")[0] for one in by_type} == {"alert"}
    assert (await ann.get("/v1/audit/events?type=alert.&type=user.registered"))["items"][0]["type"] == (
        "user.registered.v1"
    )
    by_stream = (await ann.get(f"/v1/audit/events?stream={alert}"))["items"]
    assert [one["stream"] for one in by_stream] == [alert] * len(by_stream)
    assert len(by_stream) > 1
    cause = everything[0]["correlation_id"]
    by_cause = (await ann.get(f"/v1/audit/events?correlation={cause}"))["items"]
    assert {one["correlation_id"] for one in by_cause} == {cause}
    raised = by_type[0]["recorded_at"]
    since = (await ann.get(f"/v1/audit/events?since={quote(raised)}&limit=200"))["items"]
    assert [one for one in everything if one["recorded_at"] >= raised] == since
    later = quote((world.clock.now() + timedelta(days=1)).isoformat())
    assert (await ann.get(f"/v1/audit/events?since={later}"))["items"] == []
    assert (await bob.get(f"/v1/audit/events?stream={alert}"))["items"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("stream=x", "stream"),
        ("since=yesterday", "since"),
        ("correlation=1", "correlation"),
        ("user=me", "user"),
        ("limit=0", "limit"),
        ("cursor=!", "cursor"),
    ],
)
async def test_a_filter_that_is_none_is_told_so(ann: Visitor, query: str, parameter: str) -> None:
    answer = await ann.get(f"/v1/audit/events?{query}")
    assert (answer.status, answer["errors"][0]["query"]) == (422, parameter)


async def test_a_type_that_there_is_not_is_refused_with_the_nearest(ann: Visitor) -> None:
    answer = await ann.get("/v1/audit/events?type=alarm.raised")
    assert (answer.status, answer.problem) == (422, "invalid")
    assert "alert.raised" in answer["detail"]


async def test_a_state_is_shown_as_it_was(ann: Visitor, bob: Visitor, alarm: Alarm) -> None:
    alert = await alarm(ann)
    history = (await ann.get(f"/v1/audit/events?stream={alert}"))["items"]
    first = await ann.get(f"/v1/audit/as-of/alert/{alert}?position={history[0]['place']}")
    assert (first.status, first["kind"], first["state"]["version"]) == (200, "alert", 1)
    now = await ann.get(f"/v1/audit/as-of/alert/{alert}")
    assert now["state"]["version"] == len(history)
    when = quote(history[0]["recorded_at"])
    assert (await ann.get(f"/v1/audit/as-of/user/{ann.id}?time={when}"))["state"]["id"] == ann.id
    before = await ann.get(f"/v1/audit/as-of/alert/{alert}?position={history[0]['place'] - 1}")
    assert (before.status, before.problem) == (404, "not-found")
    assert (await bob.get(f"/v1/audit/as-of/alert/{alert}")).problem == "not-found"
    both = await ann.get(f"/v1/audit/as-of/alert/{alert}?position=1&time={when}")
    assert both.status == 422
    assert (await ann.get(f"/v1/audit/as-of/weather/{alert}")).status == 422


async def test_a_wallet_is_shown_as_it_was(ann: Visitor, bob: Visitor, alarm: Alarm) -> None:
    alert = await alarm(ann)
    raised = (await ann.get(f"/v1/audit/events?stream={alert}"))["items"][0]
    [then] = (await ann.get(f"/v1/audit/as-of/position/{ann.wallet}?position={raised['place']}"))["items"]
    assert then["position"]["account"]["health_factor"].startswith("1.")
    assert (then["unknown"], then["gone_at_place"]) == (None, None)
    assert (await ann.get(f"/v1/audit/as-of/position/{ann.wallet}?position=1")).problem == "not-found"
    assert (await bob.get(f"/v1/audit/as-of/position/{ann.wallet}")).problem == "not-found"


async def test_an_alert_is_explained_by_inputs_whose_age_is_known(
    ann: Visitor, bob: Visitor, alarm: Alarm
) -> None:
    alert = await alarm(ann)
    told = await ann.get(f"/v1/audit/alerts/{alert}/explanation")
    assert (told.status, told["reproduced"], told["obstacle"]) == (200, True, None), told.body
    assert told["inputs"]
    assert all(one["source"] for one in told["inputs"])
    ages = [one["age_seconds"] for one in told["inputs"]]
    assert all(age is None or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", age) for age in ages), ages
    assert (await ann.get(f"/v1/audit/alerts/{alert}/replay")).body == told.body
    assert (await bob.get(f"/v1/audit/alerts/{alert}/explanation")).problem == "not-found"


async def test_an_intent_is_explained(ann: Visitor, bob: Visitor) -> None:
    until = ann.clock.now() + timedelta(days=30)
    intent = await ann.post("/v1/intents", intent_of(ann, expires_at=until.isoformat()))
    told = await ann.get(f"/v1/audit/intents/{intent['id']}/explanation")
    assert (told.status, told["reproduced"]) == (200, True), told.body
    assert told["intent"]["id"] == intent["id"]
    assert told["policies"]
    assert told["steps"]
    assert (await bob.get(f"/v1/audit/intents/{intent['id']}/explanation")).problem == "not-found"


async def test_a_fact_is_proven_to_whoever_has_the_key_and_no_database(
    ann: Visitor, bob: Visitor, alarm: Alarm, office: Office, tmp_path: Path
) -> None:
    await alarm(ann)
    facts = (await ann.get("/v1/audit/events?limit=200"))["items"]
    early = await ann.get(f"/v1/audit/events/{facts[0]['place']}/proof")
    assert (early.status, early.problem) == (409, "conflict")
    await office.seal()
    for fact in facts:
        answer = await ann.get(f"/v1/audit/events/{fact['place']}/proof")
        assert answer.status == 200, answer.body
        file = tmp_path / "proof.json"
        file.write_text(json.dumps(answer.body))
        proof = read_proof(file)
        proof.check(office.trusted, leaf_of)
        assert (proof.fact.place, proof.fact.payload.decode()) == (fact["place"], fact["stored"])
        assert bob.id not in json.dumps(answer.body)
        assert (await bob.get(f"/v1/audit/events/{fact['place']}/proof")).problem == "not-found"
    assert (await ann.get("/v1/audit/events/999999/proof")).problem == "not-found"
    assert (await ann.get("/v1/audit/events/0/proof")).status == 422
    assert (await ann.get(f"/v1/audit/events/{facts[0]['place']}/proof?seal=7")).problem == "not-found"


async def test_seals_and_keys_are_public(stranger: Visitor, ann: Visitor, office: Office) -> None:
    assert (await stranger.get("/v1/audit/seals"))["items"] == []
    assert (await stranger.get("/v1/audit/seals/latest")).problem == "not-found"
    seal = await office.seal()
    [shown] = (await stranger.get("/v1/audit/seals"))["items"]
    assert (shown["number"], shown["digest"]) == (1, seal.digest().hex())
    assert (await stranger.get("/v1/audit/seals/1")).body == shown
    assert (await stranger.get("/v1/audit/seals/latest")).body == shown
    assert (await stranger.get("/v1/audit/seals/2")).problem == "not-found"
    [key] = (await stranger.get("/v1/audit/keys"))["items"]
    assert key["id"] == shown["key_id"]
    assert key["pem"].startswith("-----BEGIN PUBLIC KEY-----")


async def test_a_report_is_one_document_that_needs_nothing_else(
    ann: Visitor, bob: Visitor, alarm: Alarm, office: Office
) -> None:
    alert = await alarm(ann)
    unsealed = await ann.get(f"/v1/audit/alerts/{alert}/report")
    assert "Without proof so far" in unsealed.body
    await office.seal()
    page = await ann.get(f"/v1/audit/alerts/{alert}/report")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Content-Disposition"] == f'attachment; filename="plimsoll-alert-{alert}.html"'
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not re.search(r"<script|src=|href=|url\(|@import| on\w+=", page.body)
    assert "Decided again, and the same to the byte." in page.body
    assert "Without proof so far" not in page.body
    assert (await bob.get(f"/v1/audit/alerts/{alert}/report")).problem == "not-found"


async def test_a_report_for_a_program_holds_the_same_with_every_proof(
    ann: Visitor, alarm: Alarm, office: Office, tmp_path: Path
) -> None:
    alert = await alarm(ann)
    await office.seal()
    answer = await ann.get(f"/v1/audit/alerts/{alert}/report", headers={"Accept": "application/json"})
    assert answer.headers["Content-Disposition"].endswith('.json"')
    assert (answer["explanation"]["reproduced"], answer["unproven"]) == (True, [])
    places = {step["place"] for step in answer["explanation"]["steps"] if step["place"]}
    assert {proof["event"]["place"] for proof in answer["proofs"]} == places
    for number, proof in enumerate(answer["proofs"]):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(proof))
        read_proof(file).check(office.trusted, leaf_of)


async def test_what_somebody_wrote_is_escaped_in_a_report(ann: Visitor, alarm: Alarm, office: Office) -> None:
    alert = AlertId(Id(await alarm(ann)))
    told = await ExplainAlert(office.worker.begin)(actor=None, alert_id=alert)
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    step = replace(told.steps[0], what=evil, figures=((evil, evil),))
    remade = replace(told.remade[0], type=evil, recorded=evil.encode())
    spoilt = replace(
        told, alert=replace(told.alert, message=evil), steps=(step,), remade=(remade,), obstacle=evil
    )
    page, _ = page_of(
        AlertReport(
            made_at=office.world.clock.now(),
            told=spoilt,
            proofs=(),
            unproven=(Place(7),),
            why_unproven=evil,
            keys=(evil,),
        )
    )
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") == 8
