"""The whole log in runs: what it gives is what the pages give, however the facts were stored."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import psycopg
import pytest
from tests.contract.event_log.conftest import LogWork
from tests.contract.event_log.examples import AT, EXAMPLES, USER
from tests.examples import registered
from tests.fixtures.database import Database
from tests.fixtures.secrets import RING

from adapters.codec.errors import UnreadableFact
from adapters.codec.reproduced import reproduced
from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.log import copied_facts
from adapters.postgres.urls import conninfo
from adapters.system.ids import SystemIds
from application.shared.ports import Begin, Place, ReactionWork, Recorded
from domain.alerts.events import AlertFailed
from domain.identity.events import TelegramLinked
from domain.positions.events import PositionsObserved
from domain.shared.chain import Address
from domain.shared.ids import AlertId, BatchId, UserId

IDS = SystemIds()
OBSERVED = next(one for one in EXAMPLES if isinstance(one, PositionsObserved))
USERS_STATE = registered("ada").state
BEGINNING, END = Place(0), Place(2**62)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs and several segments already in a short log."""
    monkeypatch.setattr(copied_facts, "FEWEST", 7)
    monkeypatch.setattr(copied_facts, "RUN", 7)
    monkeypatch.setattr(copied_facts, "SEGMENT", 3)


async def test_the_runs_are_the_pages_whatever_is_in_them(begin: Begin[ReactionWork]) -> None:
    await write_examples(begin, times=2)
    assert await runs(begin, None) == await pages(begin, None)


async def test_it_begins_and_ends_where_it_is_told_to(begin: Begin[ReactionWork]) -> None:
    await write_examples(begin)
    whole = await pages(begin, None)
    assert await runs(begin, None, after=Place(3), until=Place(25)) == whole[3:25]
    assert await runs(begin, None, after=Place(3), until=Place(3)) == []
    assert await runs(begin, None, after=Place(len(whole))) == []


async def test_who_sees_some_facts_only_reads_those(begin: Begin[ReactionWork]) -> None:
    await write_examples(begin)
    mine = await runs(begin, USER)
    assert mine == await pages(begin, USER)
    assert {recorded.user_id for recorded in mine} == {USER}
    assert await runs(begin, UserId(IDS.new())) == []


async def test_whoever_stops_early_can_ask_something_else(begin: Begin[ReactionWork]) -> None:
    await write_examples(begin)
    async with begin(None) as work:
        async with aclosing(work.facts.through(Place(0), END)) as reading:
            first = await anext(reading)
        assert list(first) == list(await work.facts.after(Place(0), limit=500))[: len(first)]


async def test_what_is_spelt_as_nobody_here_spells_reads_the_same(
    worker: Begin[ReactionWork], database: Database
) -> None:
    await write_examples(worker)
    before = await pages(worker, None)
    payload = b"convert_to(replace(convert_from(payload, 'UTF8'), '\":', E'\" :\\n'), 'UTF8')"
    rewrite(database, b"UPDATE events SET payload = %b WHERE position IN (5, 20)" % payload)
    found = await runs(worker, None)
    assert [recorded.fact for recorded in found] == [recorded.fact for recorded in before]
    assert b"\n" in found[4].stored
    assert found == await pages(worker, None)


@pytest.mark.parametrize(
    "payload",
    [
        b"convert_from(payload, 'UTF8') || convert_from(payload, 'UTF8')",
        b"replace(convert_from(payload, 'UTF8'), '2026', 'soon')",
        b"'null'",
        b"''",
    ],
)
async def test_what_was_never_written_is_refused(
    payload: bytes, worker: Begin[ReactionWork], database: Database
) -> None:
    await write_examples(worker)
    rewrite(database, b"UPDATE events SET payload = convert_to(%b, 'UTF8') WHERE position = 20" % payload)
    with pytest.raises(UnreadableFact, match=r"\(position 20\)"):
        await runs(worker, None)


async def test_what_nobody_knows_of_is_passed_over_and_refused_by_pages(
    worker: Begin[ReactionWork], database: Database
) -> None:
    await write_examples(worker)
    before = await runs(worker, None)
    more = b'replace(convert_from(payload, \'UTF8\'), \'"at":\', \'"why":"x","at":\')'
    rewrite(database, b"UPDATE events SET payload = convert_to(%b, 'UTF8') WHERE position = 20" % more)
    found = await runs(worker, None)
    assert [one.fact for one in found] == [one.fact for one in before]
    assert [one.place for one in found if not reproduced(one)] == [20]
    with pytest.raises(UnreadableFact, match=r"\(position 20\)"):
        await pages(worker, None)


async def test_of_large_facts_a_run_has_few(
    worker: Begin[ReactionWork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied_facts, "RUN", 64)
    monkeypatch.setattr(copied_facts, "FEWEST", 2)
    monkeypatch.setattr(copied_facts, "LARGEST", 100_000)
    monkeypatch.setattr(copied_facts, "SEGMENT", 2)
    async with worker(None) as work:
        for number in range(400):
            wallets = (Address("0x" + 40 * "a"),) * (number // 4)
            seen = replace(OBSERVED, batch_id=BatchId(IDS.new()), without_position=wallets)
            work.facts.append(seen.batch_id, 0, [seen])
    async with worker(None) as work:
        found = [run async for run in work.facts.through(Place(0), END)]
    assert [one.place for run in found for one in run] == list(range(1, 401))
    sizes = [(len(run), sum(len(one.stored) for one in run)) for run in found]
    assert (sizes[0][0], max(count for count, _ in sizes)) == (2, 64)
    assert max(size for _, size in sizes) < 200_000
    assert sizes[-2][0] < 40


async def test_two_halves_of_facts_are_not_put_together(
    worker: Begin[ReactionWork], database: Database
) -> None:
    async with worker(None) as work:
        for _ in range(3):
            stream = IDS.new()
            work.facts.append(stream, 0, [AlertFailed(alert_id=AlertId(stream), user_id=USER, at=AT)])
    whole = b'{"alert_id":"%b","user_id":"%b","at":"2026-02-03T04:05:06.789012Z"}' % (
        (str(USER).encode(),) * 2
    )
    middle = whole.index(b',"user_id"') + 1
    for place, stored in enumerate([whole[:middle], whole[middle:], whole + whole], start=1):
        rewrite(database, b"UPDATE events SET payload = %(stored)s WHERE position = %(place)s", stored, place)
    with pytest.raises(UnreadableFact):
        await runs(worker, None)


async def write_examples(begin: Begin[ReactionWork], times: int = 1) -> None:
    """Put every kind of fact on record, some for everybody, and one that belongs to somebody else."""
    async with begin(None) as work:
        for example in EXAMPLES * times:
            work.facts.append(IDS.new(), 0, [example], state=USERS_STATE if len(str(example)) % 2 else None)
        other = UserId(IDS.new())
        work.facts.append(IDS.new(), 0, [TelegramLinked(user_id=other, chat_id="42", at=AT)])


async def runs(
    begin: Begin[ReactionWork], actor: UserId | None, *, after: Place = BEGINNING, until: Place = END
) -> list[Recorded]:
    async with begin(actor) as work:
        return [recorded async for run in work.facts.through(after, until) for recorded in run]


async def pages(begin: Begin[ReactionWork], actor: UserId | None) -> list[Recorded]:
    async with begin(actor) as work:
        return list(await work.facts.after(Place(0), limit=500))


@pytest.fixture
async def worker(database: Database) -> AsyncIterator[Begin[ReactionWork]]:
    opened = PostgresDatabase(
        database.worker_url, work=LogWork, clock=ManualClock(), ids=SystemIds(), secrets=RING
    )
    yield opened.begin
    await opened.close()


def rewrite(database: Database, statement: bytes, stored: bytes = b"", place: int = 0) -> None:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement, {"stored": stored, "place": place} if place else None)
