import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
import pytest
from tests.fixtures.database import ROOT, Database
from tests.fixtures.secrets import SECRET_KEYS
from tests.integration.http.audit.conftest import Office
from tests.integration.http.bodies import KEY
from tests.integration.http.house import House
from tests.integration.http.visitor import Answer, Visitor

from adapters.memory.jobs import DoAudit
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock
from application.audit.jobs.audit_job import LEASE, AuditJob
from application.audit.jobs.keep_audits import KeepAudits
from application.audit.jobs.run_audit import RunAudit, Told
from application.audit.proving.finding import Verification
from application.audit.replaying.report import ReplayReport
from application.shared.ports import Place
from domain.shared.errors import Conflict, Unavailable
from domain.shared.ids import derived
from entrypoints.settings import Settings
from entrypoints.worker.audits import Audits

Alarm = Callable[[Visitor], Awaitable[str]]
REPLAYS, VERIFICATIONS = "/v1/audit/replays", "/v1/audit/verifications"


@pytest.fixture
def audits(database: Database) -> Audits:
    """What a worker does, as its container builds it."""
    settings = Settings(_env_file=None, database_url=database.admin_url, secret_keys=SECRET_KEYS)
    return Audits(settings, database.worker_url)


@dataclass(slots=True)
class Slow:
    """An audit that lasts until it is let go."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: Exception | None = None
    cancelled: bool = False

    async def __call__(self, job: AuditJob, told: Told) -> ReplayReport | Verification:
        told(Place(5), Place(9))
        self.begun.set()
        if self.refusal is not None:
            raise self.refusal
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError


def runs(office: Office, audits: Slow | Audits) -> RunAudit:
    return RunAudit(office.worker.begin, office.world.clock, audits, every=0.02)


async def work_off(house: House, office: Office, audits: Slow | Audits) -> None:
    while isinstance(job := house.jobs.take(), DoAudit):
        await runs(office, audits)(job.job_id)


async def until_told(visitor: Visitor, where: str) -> Answer:
    for _ in range(500):
        if (answer := await visitor.get(where))["progress"]["position"]:
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(where)


async def op_of(visitor: Callable[[int], Visitor], office: Office) -> Visitor:
    operator = await visitor(3).sign_in()
    await office.appoint(operator)
    return operator


async def test_a_user_has_their_own_data_replayed(
    ann: Visitor, bob: Visitor, alarm: Alarm, house: House, office: Office, audits: Audits
) -> None:
    await alarm(ann)
    asked = await ann.post(REPLAYS, {})
    assert (asked.status, asked["status"], asked["user"]) == (202, "queued", ann.id)
    assert asked.headers["Retry-After"] == "1"
    where = asked.headers["Location"]
    await work_off(house, office, audits)
    done = await ann.get(where)
    assert (done["status"], done["sound"], done["reason"]) == ("succeeded", True, None), done.body
    assert done["report"]["differences"] == []
    assert done["report"]["facts"] > 0
    assert done["progress"]["position"] == done["progress"]["until"]
    assert "Retry-After" not in done.headers
    for path in (where, where.replace("replays", "verifications")):
        assert (await bob.get(path)).problem == "not-found"
    assert (await ann.get(REPLAYS))["items"] == [done.body]
    assert (await bob.get(REPLAYS))["items"] == []


async def test_an_operator_has_everything_replayed_and_verified(
    ann: Visitor,
    visitor: Callable[[int], Visitor],
    alarm: Alarm,
    house: House,
    office: Office,
    audits: Audits,
) -> None:
    await alarm(ann)
    op = await op_of(visitor, office)
    whole = await op.post(REPLAYS, {"user": "all"})
    verified = await op.post(VERIFICATIONS, {})
    assert (whole.status, verified.status) == (202, 202)
    await work_off(house, office, audits)
    for answer in (whole, verified):
        done = await op.get(answer.headers["Location"])
        assert (done["status"], done["sound"], done["user"]) == ("succeeded", True, "all"), done.body
    for path, body in ((REPLAYS, {"user": "all"}), (REPLAYS, {"user": op.id}), (VERIFICATIONS, {})):
        assert (await ann.post(path, body)).problem == "denied", path


async def test_a_replay_finds_an_operator_whom_nobody_appointed(
    ann: Visitor,
    bob: Visitor,
    visitor: Callable[[int], Visitor],
    house: House,
    office: Office,
    audits: Audits,
    database: Database,
) -> None:
    op = await op_of(visitor, office)
    await office.dismiss(op)
    await office.appoint(op)
    with psycopg.connect(conninfo(database.admin_url)) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "INSERT INTO operators (id, user_id, appointed_at, version) VALUES (%s, %s, now(), 1)",
            [derived("operator", bob.id), bob.id],
        )
    where = (await op.post(REPLAYS, {"user": "all"})).headers["Location"]
    await work_off(house, office, audits)
    done = await op.get(where)
    assert (done["status"], done["sound"]) == ("succeeded", False), done.body
    [found] = done["report"]["differences"]
    assert (found["kind"], found["id"]) == ("state_unfounded", str(derived("operator", bob.id)))


async def test_progress_can_be_asked_for_and_the_audit_be_cancelled(
    ann: Visitor, house: House, office: Office
) -> None:
    where = (await ann.post(REPLAYS, {})).headers["Location"]
    slow = Slow()
    working = asyncio.create_task(work_off(house, office, slow))
    await slow.begun.wait()
    seen = await until_told(ann, where)
    assert (seen["status"], seen["progress"]) == ("running", {"position": 5, "until": 9})
    cancelled = await ann.delete(where)
    assert (cancelled.status, cancelled["status"]) == (200, "cancelled")
    await working
    assert slow.cancelled
    again = await ann.delete(where)
    assert (again.status, again.problem) == (409, "conflict")
    assert (await ann.get(where))["status"] == "cancelled"


@pytest.mark.parametrize(
    ("refusal", "status", "sentence"),
    [
        (Conflict("A file of the archive is missing."), "failed", "A file of the archive is missing."),
        (RuntimeError("hunter2"), "failed", "Something broke"),
        (Unavailable("The database does not answer."), "queued", None),
    ],
)
async def test_what_keeps_an_audit_from_ending_is_told(
    ann: Visitor, house: House, office: Office, refusal: Exception, status: str, sentence: str | None
) -> None:
    where = (await ann.post(REPLAYS, {})).headers["Location"]
    with suppress(RuntimeError, Unavailable):
        await work_off(house, office, Slow(refusal=refusal))
    seen = await ann.get(where)
    assert (seen["status"], seen["report"], seen["sound"]) == (status, None, None)
    assert (seen["reason"] or "").startswith(sentence or "")
    assert "hunter2" not in str(seen.body)


async def test_an_audit_whose_worker_is_silent_is_asked_for_again(
    ann: Visitor, house: House, office: Office, audits: Audits
) -> None:
    where = (await ann.post(REPLAYS, {})).headers["Location"]
    taken = house.jobs.take()
    assert isinstance(taken, DoAudit)
    async with office.worker.begin(None) as work:  # a worker that dies right after this
        await work.audit_jobs.take(taken.job_id, at=office.world.clock.now())
    keep = KeepAudits(office.worker.begin, house.jobs, office.world.clock)
    await keep()
    assert house.jobs.waiting == []
    office.world.clock.advance(LEASE)
    await keep()
    assert house.jobs.waiting == [taken]
    await work_off(house, office, audits)
    assert (await ann.get(where))["status"] == "succeeded"


async def test_an_audit_whose_worker_is_killed_is_taken_up_again(
    ann: Visitor, house: House, office: Office, audits: Audits, database: Database
) -> None:
    where = (await ann.post(REPLAYS, {})).headers["Location"]
    taken = house.jobs.take()
    assert isinstance(taken, DoAudit)
    doomed = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.http.audit.doomed", database.worker_url, str(taken.job_id)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
    )
    try:
        assert (await until_told(ann, where))["progress"] == {"position": 3, "until": 9}
    finally:
        doomed.kill()
        await doomed.wait()
    await runs(office, audits)(taken.job_id)
    assert (await ann.get(where))["status"] == "running", "its worker may live for all that anybody knows"
    office.world.clock.time = SystemClock().now() + LEASE
    await KeepAudits(office.worker.begin, house.jobs, office.world.clock)()
    await work_off(house, office, audits)
    done = await ann.get(where)
    assert (done["status"], done["sound"]) == ("succeeded", True)


async def test_who_is_no_operator_any_more_gets_no_report(
    ann: Visitor, visitor: Callable[[int], Visitor], house: House, office: Office, audits: Audits
) -> None:
    op = await op_of(visitor, office)
    where = (await op.post(REPLAYS, {"user": ann.id})).headers["Location"]
    await office.dismiss(op)
    await work_off(house, office, audits)
    await office.appoint(op)
    seen = await op.get(where)
    assert (seen["status"], seen["report"]) == ("failed", None)


async def test_a_repeated_request_names_the_same_audit(ann: Visitor, house: House) -> None:
    first = await ann.post(REPLAYS, {"after": 3}, headers=KEY)
    again = await ann.post(REPLAYS, {"after": 3}, headers=KEY)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (202, 202, "true")
    assert (again.body, again.headers["Location"]) == (first.body, first.headers["Location"])
    assert len((await ann.get(REPLAYS))["items"]) == 1
    assert (await ann.post(REPLAYS, {"after": 4}, headers=KEY)).problem == "idempotency-key-reused"


@pytest.mark.parametrize(
    "body",
    [
        {"after": -1},
        {"after": 5, "until": 5},
        {"until": 0},
        {"until": 2**63},
        {"user": "me"},
        {"after": "1"},
        {"from": 1},
        [],
    ],
)
async def test_a_replay_that_makes_no_sense_is_refused(ann: Visitor, body: object) -> None:
    answer = await ann.post(REPLAYS, body)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer["detail"]


async def test_a_person_has_two_audits_at_once(ann: Visitor) -> None:
    answers = await asyncio.gather(*(ann.post(REPLAYS, {}) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [202, 202, 409, 409, 409, 409]
