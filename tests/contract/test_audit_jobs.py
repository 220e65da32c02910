from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER

from adapters.system.ids import SystemIds
from application.audit.jobs.audit_job import (
    LEASE,
    MOST_A_DAY,
    MOST_AT_ONCE,
    AuditJob,
    AuditJobNotFound,
    AuditKind,
    AuditOver,
    AuditStatus,
    TooManyAudits,
)
from application.audit.proving.finding import Verification
from application.audit.reading.sight import Sight
from application.shared.ports import Begin, Place
from domain.shared.errors import StaleWrite
from domain.shared.ids import UserId

People = tuple[UserId, UserId]
REPORT = Verification(
    since=Place(0), until=Place(9), facts=9, commits=9, seals=1, sealed_until=Place(9), findings=()
)


def asked(by: UserId, *, kind: AuditKind = AuditKind.REPLAY, minutes: int = 0) -> AuditJob:
    return AuditJob(
        id=SystemIds().new(),
        kind=kind,
        sight=Sight(by, by),
        since=Place(3),
        until=Place(9),
        asked_at=AT + timedelta(minutes=minutes),
    )


async def add(begin: Begin[Work], *jobs: AuditJob) -> None:
    for job in jobs:
        async with begin(job.sight.viewer) as work:
            await work.audit_jobs.add(job)


async def test_an_audit_waits_is_done_and_tells_how_far_it_has_come(
    begin: Begin[Work], people: People
) -> None:
    ada, _ = people
    await add(begin, job := asked(ada))
    async with begin(ada) as work:
        assert await work.audit_jobs.get(job.kind, job.id) == job
    async with begin(None) as work:
        taken = await work.audit_jobs.take(job.id, at=LATER)
        assert taken is not None
        assert (taken.status, taken.started_at) == (AuditStatus.RUNNING, LATER)
        assert await work.audit_jobs.advance(job.id, reached=Place(5), goal=Place(9), at=LATER)
    async with begin(ada) as work:
        seen = await work.audit_jobs.get(job.kind, job.id)
        assert (seen.reached, seen.goal, seen.report) == (5, 9, None)
    async with begin(None) as work:
        await work.audit_jobs.succeed(job.id, REPORT, sound=True, at=LATER)
    async with begin(ada) as work:
        done = await work.audit_jobs.get(job.kind, job.id)
    assert (done.status, done.sound, done.reached, done.ended_at) == (AuditStatus.SUCCEEDED, True, 9, LATER)
    assert done.report is not None
    assert done.report["facts"] == 9


async def test_of_two_workers_one_has_it_until_it_is_silent(begin: Begin[Work], people: People) -> None:
    await add(begin, job := asked(people[0]))
    async with begin(None) as work:
        assert await work.audit_jobs.take(job.id, at=LATER) is not None
    async with begin(None) as work:
        assert await work.audit_jobs.take(job.id, at=LATER + LEASE / 2) is None
        assert await work.audit_jobs.forsaken(at=LATER + LEASE / 2, limit=9) == []
        assert await work.audit_jobs.forsaken(at=LATER + LEASE, limit=9) == [job.id]
        assert await work.audit_jobs.take(job.id, at=LATER + LEASE) is not None


async def test_what_is_given_back_is_free_at_once(begin: Begin[Work], people: People) -> None:
    await add(begin, job := asked(people[0]))
    async with begin(None) as work:
        await work.audit_jobs.take(job.id, at=LATER)
        await work.audit_jobs.give_back(job.id)
        assert await work.audit_jobs.take(job.id, at=LATER) is not None


@pytest.mark.parametrize("begun", [True, False])
async def test_what_was_cancelled_stays_so(begin: Begin[Work], people: People, begun: bool) -> None:
    ada, _ = people
    await add(begin, job := asked(ada))
    async with begin(None) as work:
        if begun:
            await work.audit_jobs.take(job.id, at=LATER)
    async with begin(ada) as work:
        cancelled = await work.audit_jobs.cancel(job.kind, job.id, at=LATER)
        assert (cancelled.status, cancelled.ended_at) == (AuditStatus.CANCELLED, LATER)
    async with begin(None) as work:
        assert not await work.audit_jobs.advance(job.id, reached=Place(5), goal=None, at=LATER)
        await work.audit_jobs.succeed(job.id, REPORT, sound=True, at=LATER)
        await work.audit_jobs.fail(job.id, "Too late.", at=LATER)
        assert await work.audit_jobs.take(job.id, at=LATER + LEASE) is None
        assert await work.audit_jobs.forsaken(at=LATER + LEASE, limit=9) == []
    async with begin(ada) as work:
        assert await work.audit_jobs.get(job.kind, job.id) == cancelled
        with pytest.raises(AuditOver, match="cancelled"):
            await work.audit_jobs.cancel(job.kind, job.id, at=LATER)


async def test_another_users_audit_does_not_exist(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    await add(begin, job := asked(ada))
    async with begin(bob) as work:
        assert await work.audit_jobs.newest(job.kind, before=None, limit=9) == []
        with pytest.raises(AuditJobNotFound):
            await work.audit_jobs.get(job.kind, job.id)
        with pytest.raises(AuditJobNotFound):
            await work.audit_jobs.cancel(job.kind, job.id, at=LATER)
    async with begin(ada) as work:
        with pytest.raises(AuditJobNotFound):
            await work.audit_jobs.get(AuditKind.VERIFICATION, job.id)


async def test_an_id_is_given_once(begin: Begin[Work], people: People) -> None:
    await add(begin, job := asked(people[0]))
    with pytest.raises(StaleWrite):
        await add(begin, job)


async def test_a_person_has_a_bounded_number_at_once(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    jobs = [asked(ada) for _ in range(MOST_AT_ONCE)]
    await add(begin, *jobs)
    with pytest.raises(TooManyAudits, match="under way"):
        await add(begin, refused := asked(ada))
    await add(begin, asked(bob))
    async with begin(ada) as work:
        with pytest.raises(AuditJobNotFound):
            await work.audit_jobs.get(refused.kind, refused.id)
        await work.audit_jobs.cancel(jobs[0].kind, jobs[0].id, at=LATER)
    await add(begin, asked(ada))


async def test_a_person_has_a_bounded_number_a_day(begin: Begin[Work], people: People) -> None:
    ada, _ = people
    for minute in range(MOST_A_DAY):
        async with begin(ada) as work:
            await work.audit_jobs.add(job := asked(ada, minutes=minute))
            await work.audit_jobs.cancel(job.kind, job.id, at=LATER)
    with pytest.raises(TooManyAudits, match="within a day"):
        await add(begin, asked(ada, minutes=MOST_A_DAY))
    await add(begin, asked(ada, minutes=60 * 24 + MOST_A_DAY))


async def test_audits_are_listed_newest_first_page_by_page(begin: Begin[Work], people: People) -> None:
    ada, _ = people
    jobs = [asked(ada, minutes=minute) for minute in range(2)]
    await add(begin, *jobs)
    async with begin(ada) as work:
        first = await work.audit_jobs.newest(AuditKind.REPLAY, before=None, limit=1)
        rest = await work.audit_jobs.newest(AuditKind.REPLAY, before=first[0].id, limit=9)
    assert [*first, *rest] == jobs[::-1]


async def test_what_ended_long_ago_is_forgotten(begin: Begin[Work], people: People) -> None:
    ada, _ = people
    await add(begin, over := asked(ada), waiting := asked(ada))
    async with begin(ada) as work:
        await work.audit_jobs.cancel(over.kind, over.id, at=LATER)
    async with begin(None) as work:
        await work.audit_jobs.prune(before=LATER)
    async with begin(ada) as work:
        assert len(await work.audit_jobs.newest(AuditKind.REPLAY, before=None, limit=9)) == 2
    async with begin(None) as work:
        await work.audit_jobs.prune(before=LATER + LEASE)
    async with begin(ada) as work:
        assert await work.audit_jobs.newest(AuditKind.REPLAY, before=None, limit=9) == [waiting]
