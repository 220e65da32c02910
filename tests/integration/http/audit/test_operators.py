from collections.abc import Awaitable, Callable

import psycopg
import pytest
from sqlalchemy.exc import InternalError
from tests.examples import registered
from tests.fixtures.database import Database
from tests.integration.http.audit.conftest import Office, user_of
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor

from adapters.postgres.urls import conninfo
from application.audit.reading.sight import Sight

Alarm = Callable[[Visitor], Awaitable[str]]


@pytest.fixture
async def op(visitor: Callable[[int], Visitor], office: Office) -> Visitor:
    """An operator."""
    operator = await visitor(3).sign_in()
    await office.appoint(operator)
    return operator


def looks_at(alert: str, ann: Visitor) -> list[str]:
    """Every way of reading somebody else's audit."""
    return [
        "/v1/audit/events?user=all",
        f"/v1/audit/events?user={ann.id}",
        f"/v1/audit/alerts/{alert}/explanation?user={ann.id}",
        f"/v1/audit/alerts/{alert}/explanation?user=all",
        f"/v1/audit/alerts/{alert}/report?user={ann.id}",
        f"/v1/audit/as-of/alert/{alert}?user={ann.id}",
        f"/v1/audit/as-of/alert/{alert}?user=all",
        f"/v1/audit/as-of/user/{ann.id}?user=all",
        f"/v1/audit/as-of/position/{ann.wallet}?user={ann.id}",
        f"/v1/audit/events/1/proof?user={ann.id}",
        "/v1/audit/events/1/proof?user=all",
    ]


async def test_an_operator_reads_everybodys_audit_and_a_plain_user_is_refused(
    ann: Visitor, bob: Visitor, op: Visitor, alarm: Alarm, office: Office
) -> None:
    alert = await alarm(ann)
    await office.seal()
    for path in looks_at(alert, ann):
        answer = await op.get(path)
        assert answer.status == 200, (path, answer.body)
        refused = await bob.get(path)
        assert (refused.status, refused.problem) == (403, "denied"), path
    everybody = (await op.get("/v1/audit/events?user=all&limit=200"))["items"]
    assert {ann.id, bob.id, op.id, None} <= {one["user_id"] for one in everybody}
    only_ann = (await op.get(f"/v1/audit/events?user={ann.id}&limit=200"))["items"]
    assert {one["user_id"] for one in only_ann} == {ann.id}
    own = (await ann.get("/v1/audit/events?limit=200"))["items"]
    assert [one["stored"] for one in only_ann] == [one["stored"] for one in own]


async def test_who_looks_at_one_user_sees_nothing_of_another(
    ann: Visitor, bob: Visitor, op: Visitor, alarm: Alarm
) -> None:
    alert = await alarm(ann)
    for path in (
        f"/v1/audit/alerts/{alert}/explanation",
        f"/v1/audit/alerts/{alert}/report",
        f"/v1/audit/as-of/alert/{alert}",
        f"/v1/audit/as-of/user/{op.id}",
    ):
        assert (await op.get(f"{path}?user={bob.id}")).problem == "not-found", path


async def test_without_asking_for_others_an_operator_reads_their_own(
    ann: Visitor, op: Visitor, alarm: Alarm
) -> None:
    alert = await alarm(ann)
    assert {one["user_id"] for one in (await op.get("/v1/audit/events"))["items"]} == {op.id}
    assert (await op.get(f"/v1/audit/alerts/{alert}/explanation")).problem == "not-found"
    assert (await op.get(f"/v1/audit/as-of/user/{ann.id}")).problem == "not-found"


async def test_an_operator_is_a_plain_user_everywhere_else(ann: Visitor, op: Visitor, alarm: Alarm) -> None:
    alert = await alarm(ann)
    for path in ("/v1/positions", "/v1/positions/history", "/v1/signals", "/v1/alerts", "/v1/intents"):
        assert (await op.get(path))["items"] == [], path
    assert (await op.get(f"/v1/alerts/{alert}")).problem == "not-found"
    assert (await op.post(f"/v1/alerts/{alert}/acknowledgement")).problem == "not-found"
    assert (await op.get("/v1/alerts?user=all")).status == 422


async def test_every_look_at_others_is_on_record(ann: Visitor, bob: Visitor, op: Visitor) -> None:
    await op.get("/v1/audit/events")
    await op.get(f"/v1/audit/events?user={ann.id}")
    await op.get(f"/v1/audit/as-of/user/{ann.id}?user=all")
    await bob.get("/v1/audit/events?user=all")
    looks = (await op.get("/v1/audit/events?type=operator.looked"))["items"]
    assert [(one["fact"]["subject"], one["fact"]["what"]) for one in looks] == [
        (ann.id, "events"),
        (None, f"the user {ann.id} as it is"),
    ]
    assert (await bob.get("/v1/audit/events?type=operator.looked"))["items"] == []


async def test_who_is_dismissed_loses_it_at_once(ann: Visitor, op: Visitor, office: Office) -> None:
    asked = await op.post("/v1/audit/replays", {"user": ann.id})
    own = await op.post("/v1/audit/replays", {})
    assert (asked.status, own.status) == (202, 202)
    await office.dismiss(op)
    assert (await op.get("/v1/audit/events?user=all")).problem == "denied"
    assert (await op.get(asked.headers["Location"])).problem == "not-found"
    assert (await op.post("/v1/audit/replays", {"user": "all"})).problem == "denied"
    assert (await op.post("/v1/audit/verifications", {})).problem == "denied"
    assert [one["id"] for one in (await op.get("/v1/audit/replays"))["items"]] == [own["id"]]
    await office.appoint(op)
    assert (await op.get("/v1/audit/events?user=all")).status == 200
    assert (await op.get(asked.headers["Location"])).status == 200


async def test_who_left_is_no_operator(op: Visitor, database: Database) -> None:
    assert (await op.delete("/v1/me")).status == 204
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        assert connection.execute("SELECT operates(%s)", [op.id]).fetchone() == (False,)


async def test_personal_fields_of_others_stay_sealed_to_an_operator(
    ann: Visitor, op: Visitor, office: Office
) -> None:
    async with office.worker.begin(None) as work:
        user = await work.users.get(user_of(ann))
        await work.users.record(user.reach_by_telegram("4242424242", at=office.world.clock.now()))
    own = await ann.get("/v1/audit/events?type=telegram.linked")
    assert own["items"][0]["fact"]["chat_id"] == "4242424242"
    for path in (f"events?type=telegram.linked&user={ann.id}", f"as-of/user/{ann.id}?user={ann.id}"):
        answer = await op.get(f"/v1/audit/{path}")
        assert answer.status == 200, answer.body
        assert "4242424242" not in str(answer.body)


async def test_the_database_itself_shows_others_to_operators_only_while_they_audit(
    ann: Visitor, op: Visitor, bob: Visitor, database: Database
) -> None:
    counted = "SELECT count(*) FILTER (WHERE user_id = %s) FROM events"
    set_all = (
        "SELECT set_config('app.actor', %s, true), set_config('app.auditor', %s, true), "
        "set_config('transaction_read_only', %s, true)"
    )

    def seen(actor: str, auditor: str, read_only: str) -> object:
        with psycopg.connect(conninfo(database.app_url)) as connection:
            connection.execute(set_all, [actor, auditor, read_only])
            return connection.execute(counted, [ann.id]).fetchone()

    assert seen("", op.id, "on") != (0,)
    assert seen("", op.id, "off") == (0,), "a transaction that may write"
    assert seen(op.id, "", "on") == (0,), "an operator who does not audit"
    assert seen("", bob.id, "on") == (0,), "a plain user"
    assert seen("", "", "on") == (0,)


@pytest.mark.parametrize("own", [True, False])
async def test_nothing_is_written_where_an_audit_is_read(op: Visitor, house: House, own: bool) -> None:
    async def write() -> None:
        async with house.begin_sight(Sight(user_of(op), user_of(op) if own else None)) as work:
            await work.users.record(registered("ada"))

    with pytest.raises(InternalError, match="read-only transaction"):
        await write()
