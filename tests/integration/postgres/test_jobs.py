import asyncio
import subprocess
import sys
import textwrap
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from procrastinate import App
from tests.fixtures.database import ROOT, Database
from tests.integration.postgres.test_outages import close_connections

from adapters.jobs.app import build_app
from adapters.jobs.procrastinate import ProcrastinateJobs
from adapters.jobs.tasks import ATTEMPTS, add_tasks
from adapters.jobs.upkeep import retry_stalled
from adapters.jobs.worker import run
from adapters.postgres.urls import conninfo
from application.positions.ports import JobQueue
from application.shared.correlation import correlation
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable
from domain.shared.ids import Id

CHAIN = ChainId(31337)
WALLETS = [Address("0x" + "1a" * 20), Address("0x" + "2b" * 20)]


@dataclass
class Bodies:
    """What the jobs do: note that they ran, and fail or wait if they are told to."""

    done: list[object] = field(default_factory=list)
    causes: list[object] = field(default_factory=list)
    failures: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def chain(self, chain_id: ChainId) -> None:
        await self._do(chain_id)

    async def wallets(self, chain_id: ChainId, wallets: Sequence[Address]) -> None:
        await self._do((chain_id, list(wallets)))

    async def audit(self, job_id: Id) -> None:
        await self._do(job_id)

    async def _do(self, what: object) -> None:
        self.begun.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the node went away")
        self.causes.append(correlation.get())
        self.done.append(what)


@pytest.fixture
def bodies() -> Bodies:
    return Bodies()


@pytest.fixture
async def queue(database: Database) -> AsyncGenerator[JobQueue]:
    """The queue as the HTTP server has it."""
    app = build_app(conninfo(database.app_url))
    async with app.open_async():
        yield ProcrastinateJobs(app)


async def test_what_the_http_server_asks_for_a_worker_does(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    async with working(database, bodies):
        await queue.snapshot_chain(CHAIN)
        await queue.snapshot_wallets(CHAIN, WALLETS)
        await until(lambda: len(bodies.done) == 2)
    assert sorted(bodies.done, key=str) == sorted([CHAIN, (CHAIN, WALLETS)], key=str)
    assert len(set(bodies.causes)) == 2
    assert None not in bodies.causes


async def test_a_snapshot_that_waits_already_is_not_asked_for_twice(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    for _ in range(3):
        await queue.snapshot_chain(CHAIN)
    await queue.snapshot_chain(ChainId(1))
    assert waiting(database) == 2
    async with working(database, bodies):
        await until(lambda: len(bodies.done) == 2)


async def test_a_snapshot_that_is_under_way_may_be_asked_for_again(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    bodies.gate.clear()
    async with working(database, bodies):
        await queue.snapshot_chain(CHAIN)
        await bodies.begun.wait()
        await queue.snapshot_chain(CHAIN)
        bodies.gate.set()
        await until(lambda: bodies.done == [CHAIN, CHAIN])


async def test_a_chunk_that_failed_is_tried_again(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    bodies.failures = 1
    await queue.snapshot_wallets(CHAIN, WALLETS)
    async with working(database, bodies):
        await until(lambda: bodies.done == [(CHAIN, WALLETS)])


async def test_a_tick_that_failed_leaves_the_next_one_alone(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    bodies.failures = 1
    async with working(database, bodies):
        await queue.snapshot_chain(CHAIN)
        await until(lambda: statuses(database).count("failed") == 1)
        await queue.snapshot_chain(CHAIN)
        await until(lambda: bodies.done == [CHAIN])


async def test_a_worker_that_is_told_to_stop_ends_what_it_has_begun(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    bodies.gate.clear()
    await queue.snapshot_wallets(CHAIN, WALLETS)
    async with working(database, bodies) as stop:
        await bodies.begun.wait()
        stop.set()
        await asyncio.sleep(0.1)
        assert not bodies.done
        bodies.gate.set()
    assert bodies.done == [(CHAIN, WALLETS)]
    assert statuses(database).count("doing") == 0


async def test_a_job_that_takes_too_long_to_stop_goes_back_to_the_queue(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    bodies.gate.clear()
    await queue.snapshot_wallets(CHAIN, WALLETS)
    async with working(database, bodies, patience=0.1) as stop:
        await bodies.begun.wait()
        stop.set()
    assert not bodies.done
    assert statuses(database).count("todo") == 1


async def test_a_worker_outlives_its_connections(queue: JobQueue, database: Database, bodies: Bodies) -> None:
    async with working(database, bodies):
        await queue.snapshot_chain(CHAIN)
        await until(lambda: len(bodies.done) == 1)
        close_connections(database)
        await asyncio.sleep(0.2)
        await queue.snapshot_chain(CHAIN)
        await until(lambda: len(bodies.done) == 2)


async def test_the_job_of_a_killed_worker_is_done_by_another(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    await queue.snapshot_wallets(CHAIN, WALLETS)
    await killed_at_work(database)
    async with working_app(database, bodies) as app:
        await retry_stalled(app.job_manager, attempts=ATTEMPTS, after=0)
    async with working(database, bodies):
        await until(lambda: bodies.done == [(CHAIN, WALLETS)])


async def test_the_tick_of_a_killed_worker_gives_way_to_one_that_waits(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    await queue.snapshot_chain(CHAIN)
    await killed_at_work(database)
    await queue.snapshot_chain(CHAIN)
    async with working_app(database, bodies) as app:
        await retry_stalled(app.job_manager, attempts=ATTEMPTS, after=0)
    assert sorted(statuses(database)) == ["failed", "todo"]


async def test_a_job_that_kills_its_worker_each_time_is_given_up(
    queue: JobQueue, database: Database, bodies: Bodies
) -> None:
    await queue.snapshot_wallets(CHAIN, WALLETS)
    await killed_at_work(database)
    async with working_app(database, bodies) as app:
        await retry_stalled(app.job_manager, attempts=1, after=0)
    assert statuses(database) == ["failed"]


async def test_a_queue_without_a_database_gets_a_sentence_without_the_password() -> None:
    app = build_app("postgresql://plimsoll_app:hunter2@127.0.0.1:1/plimsoll", wait=0.2)
    async with app.open_async():
        with pytest.raises(Unavailable, match="does not take jobs") as refused:
            await ProcrastinateJobs(app).snapshot_chain(CHAIN)
    assert "hunter2" not in str(refused.value)


@asynccontextmanager
async def working_app(database: Database, bodies: Bodies) -> AsyncGenerator[App]:
    app = build_app(conninfo(database.worker_url), connections=4)
    add_tasks(app, snapshot_chain=bodies.chain, snapshot_wallets=bodies.wallets, audit=bodies.audit)
    async with app.open_async():
        yield app


@asynccontextmanager
async def working(
    database: Database, bodies: Bodies, *, patience: float = 20
) -> AsyncGenerator[asyncio.Event]:
    stop = asyncio.Event()
    async with working_app(database, bodies) as app:
        worker = asyncio.create_task(run(app, concurrency=2, stop=stop, patience=patience, poll=0.2))
        try:
            yield stop
        finally:
            stop.set()
            await worker


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - no event is set when a row changes
            await asyncio.sleep(0.02)


async def killed_at_work(database: Database) -> None:
    """Let another process begin the job that waits, and kill it."""
    script = textwrap.dedent("""
        import asyncio, sys
        from adapters.jobs.app import build_app
        from adapters.jobs.tasks import add_tasks
        from adapters.jobs.worker import run

        async def never(*_):
            print("begun", flush=True)
            await asyncio.sleep(600)

        async def main():
            app = build_app(sys.argv[1])
            add_tasks(app, snapshot_chain=never, snapshot_wallets=never, audit=never)
            async with app.open_async():
                await run(app, concurrency=1, stop=asyncio.Event())

        asyncio.run(main())
    """)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        conninfo(database.worker_url),
        cwd=ROOT / "src",
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"begun\n"
    process.kill()
    await process.wait()


def statuses(database: Database) -> list[str]:
    return rows(database, "SELECT status::text FROM procrastinate_jobs WHERE task_name LIKE 'snapshot_%'")


def waiting(database: Database) -> int:
    return statuses(database).count("todo")


def rows(database: Database, query: str) -> list[str]:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]
