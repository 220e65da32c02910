"""The disk under PostgreSQL is full: what is refused is not written, what was acknowledged stays, and it goes on."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from tests.integration.log.conftest import OwnServer
from tests.integration.log.journal import Intent
from tests.integration.log.work import Log, opened, verified

from adapters.postgres.embedded.home import home_folder
from adapters.system.ids import SystemIds
from application.shared.ports import Place
from domain.shared.errors import Unavailable
from domain.shared.ids import Id

IDS = SystemIds()
DISK, LEFT, FACTS = "192m", 3 * 1024 * 1024, 500


@pytest.fixture
def small_disk(own_folder: Path) -> Iterator[Path]:
    """A file system of its own, with little room."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small file system")
    made = own_folder / "disk"
    made.mkdir()
    options = f"size={DISK},mode=755"
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", options, "tmpfs", made], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a file system cannot be mounted here")
    yield made
    subprocess.run(["umount", made], check=True)


@pytest.fixture
def server(small_disk: Path) -> Iterator[OwnServer]:
    server = OwnServer(small_disk / "database")
    yield server
    server.embedded.stop()


@pytest.mark.timeout(300)
async def test_a_full_disk_refuses_appends_loses_nothing_and_is_forgiven(
    server: OwnServer, small_disk: Path
) -> None:
    done: dict[Id, tuple[Intent, Place]] = {}
    async with opened(server.database.worker_url) as log:
        await appended(log, Intent(IDS.new(), IDS.new(), 0, FACTS), done)
        server.execute("CHECKPOINT")
        fill(small_disk)
        refused = await until_refused(log, done)
        assert "disk is full" in refused.sentence
        assert await last(log) == sum(intent.count for intent, _ in done.values())

        panic(server)
        again = await until_refused(log, done)
        assert "does not answer" in again.sentence

        (small_disk / "ballast").unlink()
        server.start()
        await answering(log)
        for one in (refused.intent, again.intent):
            await appended(log, one, done)
        for intent, place in list(done.values()):
            assert await appended(log, intent, done) == place
        report = await verified(log)
    assert (report.findings, report.facts) == ((), sum(intent.count for intent, _ in done.values()))


class Refused:
    """An append that found no room, and what was said about that."""

    def __init__(self, intent: Intent, sentence: str) -> None:
        self.intent, self.sentence = intent, sentence


async def appended(log: Log, intent: Intent, done: dict[Id, tuple[Intent, Place]]) -> Place:
    async with log.begin(None) as work:
        place = await work.append(intent.append())
    done[intent.key] = (intent, place)
    return place


async def until_refused(log: Log, done: dict[Id, tuple[Intent, Place]]) -> Refused:
    for _ in range(200):
        intent = Intent(IDS.new(), IDS.new(), 0, FACTS)
        try:
            await appended(log, intent, done)
        except Unavailable as refusal:
            return Refused(intent, str(refusal))
    raise AssertionError("The disk does not get full.")


async def last(log: Log) -> Place:
    async with log.begin(None) as work:
        return await work.facts.last()


async def answering(log: Log) -> None:
    """Wait for the end of the recovery that a server begins by itself after a crash."""
    deadline = time.monotonic() + 20
    while True:
        with suppress(Unavailable):
            await last(log)
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


def fill(disk: Path) -> None:
    """Leave little room on the disk."""
    with (disk / "ballast").open("wb") as file:
        file.write(bytes(max(shutil.disk_usage(disk).free - LEFT, 0)))


def panic(server: OwnServer) -> None:
    """Have the server want new segments of its write-ahead log, for which there is no room: that ends it."""
    log = home_folder(server.directory) / "postgresql.log"
    deadline = time.monotonic() + 20
    while "PANIC" not in log.read_text():
        assert time.monotonic() < deadline
        with suppress(psycopg.Error):
            server.execute(
                "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)), pg_switch_wal()"
            )
