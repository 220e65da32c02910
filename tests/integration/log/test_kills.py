"""Kill -9 of writers, subscribers and the server at random moments: nothing is lost, and nothing happens twice.

PLIMSOLL_TEST_KILLS says how many (54 unless told), PLIMSOLL_TEST_SEED repeats the choice of whom and when.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from tests.integration.embedded.user import postmaster_of
from tests.integration.log.conftest import OwnServer
from tests.integration.log.journal import Journal
from tests.integration.log.processes import ended, killed, started
from tests.integration.log.subscriber import follow_until
from tests.integration.log.work import Log, opened, verified
from tests.integration.log.writer import write_at_once_until, write_until

from application.shared.ports import Place
from domain.alerts.events import AlertSent

KILLS = int(os.environ.get("PLIMSOLL_TEST_KILLS", "54"))
SEED = int(os.environ.get("PLIMSOLL_TEST_SEED", str(random.SystemRandom().randrange(10**6))))
WRITERS = (write_until, write_at_once_until)
SUBSCRIBERS = 2
REACTION = "effects"
VICTIMS = ("writer", "subscriber", "writer", "subscriber", "writer", "subscriber", "server")
"""Whom to kill, in turn; when, is left to chance."""


class Stage:
    """Who is at work, each in a place of its own that another takes when it was killed."""

    def __init__(self, server: OwnServer, folder: Path, chance: random.Random) -> None:
        self.server, self.chance = server, chance
        self.written, self.followed = folder / "written", folder / "followed"
        self.journals = [Journal(folder / f"journal-{number}") for number in range(len(WRITERS))]
        self.writers = [self._writer(number) for number in range(len(WRITERS))]
        self.subscribers = [self._subscriber() for _ in range(SUBSCRIBERS)]

    def kill(self, victim: str) -> None:
        if victim == "server":
            kill_server(self.server)
            self.server.start()
        elif victim == "writer":
            number = self.chance.randrange(len(WRITERS))
            killed(self.writers[number])
            self.writers[number] = self._writer(number)
        else:
            number = self.chance.randrange(SUBSCRIBERS)
            killed(self.subscribers[number])
            self.subscribers[number] = self._subscriber()

    def progress(self) -> tuple[int, int]:
        """How much the writers have noted, and how far the subscribers have come."""
        noted = sum(one.path.stat().st_size for one in self.journals if one.path.exists())
        [(place,)] = self.server.execute("SELECT coalesce(sum(position), 0)::bigint FROM checkpoints")
        return noted, int(str(place))

    def finish(self) -> None:
        """Let the writers end what is open, then the subscribers follow to the end."""
        for processes, stop in ((self.writers, self.written), (self.subscribers, self.followed)):
            stop.touch()
            for process in processes:
                ended(process)

    def _writer(self, number: int) -> ForkServerProcess:
        seed = self.chance.randrange(10**6)
        url = self.server.database.worker_url
        write = WRITERS[number]
        return started(write, url, seed, self.journals[number].path, self.written)

    def _subscriber(self) -> ForkServerProcess:
        return started(follow_until, self.server.database.worker_url, REACTION, self.followed)


@pytest.mark.timeout(900)
async def test_whoever_is_killed_at_whatever_moment_no_fact_is_lost_and_no_effect_doubled(
    own_server: OwnServer, tmp_path: Path
) -> None:
    print(f"PLIMSOLL_TEST_SEED={SEED}")
    own_server.execute("CREATE TABLE effects (reaction text, place bigint)")
    own_server.execute("GRANT INSERT ON effects TO plimsoll_worker")
    chance, kills = random.Random(SEED), Counter[str]()
    with on_stage(Stage(own_server, tmp_path, chance)) as stage:
        for number in range(KILLS):
            both_go_on(stage)
            await asyncio.sleep(chance.random() * 0.1)
            victim = VICTIMS[number % len(VICTIMS)]
            stage.kill(victim)
            kills[victim] += 1
        stage.finish()
    print(f"killed: {dict(kills)}")
    async with opened(own_server.database.worker_url) as log:
        report = await verified(log)
        print(f"{report.facts} facts in {report.commits} commits")
        assert (report.findings, report.until) == ((), report.facts)
        await every_intent_is_there_once(log, stage.journals, report.facts)
    places = own_server.execute("SELECT place FROM effects ORDER BY place")
    assert [place for (place,) in places] == list(range(1, report.facts + 1))


@contextmanager
def on_stage(stage: Stage) -> Iterator[Stage]:
    try:
        yield stage
    finally:
        for process in (*stage.writers, *stage.subscribers):
            killed(process)


def both_go_on(stage: Stage) -> None:
    """Wait until something was written and followed since the last kill, or nobody would be killed at work."""
    noted, followed = stage.progress()
    deadline = time.monotonic() + 30
    while True:
        now = stage.progress()
        if now[0] > noted and now[1] > followed:
            return
        assert time.monotonic() < deadline, "Nobody goes on."
        time.sleep(0.005)


async def every_intent_is_there_once(log: Log, journals: list[Journal], facts: int) -> None:
    """Compare the whole log with what the writers meant, and with the places that they were told."""
    found: dict[int, object] = {}
    place = Place(0)
    async with log.begin(None) as work:
        while page := await work.facts.after(place, limit=1000):
            found |= {one.place: (one.stream, one.version, one.fact) for one in page}
            place = page[-1].place
    meant: dict[int, object] = {}
    for journal in journals:
        intents, places = journal.read()
        assert intents.keys() == places.keys()
        for key, intent in intents.items():
            for number, fact in enumerate(intent.facts()):
                assert isinstance(fact, AlertSent)
                meant[places[key] + number] = (intent.stream, intent.expected + number + 1, fact)
    assert len(found) == facts == len(meant)
    assert found == meant


def kill_server(server: OwnServer) -> None:
    """Kill -9 the server with all its children."""
    found = postmaster_of(server.directory)
    assert found is not None
    children = Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text().split()
    for pid in (found.pid, *map(int, children)):
        with suppress(ProcessLookupError):  # a child may have ended by itself
            os.kill(pid, signal.SIGKILL)
    while postmaster_of(server.directory) is not None:
        time.sleep(0.005)
