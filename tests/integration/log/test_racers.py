from collections import Counter
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.integration.log.journal import Intent
from tests.integration.log.processes import ended, running, started
from tests.integration.log.racer import ask_again, race
from tests.integration.log.work import append_of, opened, sent, verified

from adapters.system.ids import SystemIds
from application.shared.ports import Place
from application.shared.requests import KeyReused
from domain.alerts.events import AlertSent
from domain.shared.errors import StaleWrite

IDS = SystemIds()
RACERS, ROUNDS, KEYS = 6, 40, 20


async def test_of_many_processes_that_race_for_each_version_one_wins(
    database: Database, tmp_path: Path
) -> None:
    stream, notes = IDS.new(), [tmp_path / f"won-{number}" for number in range(RACERS)]
    racers = [started(race, database.worker_url, stream, ROUNDS, note) for note in notes]
    with running(*racers):
        for racer in racers:
            ended(racer)
    won = dict(line.split() for note in notes if note.exists() for line in note.read_text().splitlines())
    lines = sum(len(note.read_text().splitlines()) for note in notes if note.exists())
    async with opened(database.worker_url) as log:
        async with log.begin(None) as work:
            history = await work.facts.of(stream)
        assert [one.version for one in history] == list(range(1, ROUNDS + 1))
        assert {str(one.version): marked(one.fact) for one in history} == won
        assert (lines, (await verified(log)).untouched) == (ROUNDS, True)


async def test_processes_that_ask_with_the_same_key_get_the_same_place(
    database: Database, tmp_path: Path
) -> None:
    intents = [Intent(IDS.new(), IDS.new(), 0, 1 + number % 3) for number in range(KEYS)]
    answers = [tmp_path / f"answers-{number}" for number in range(RACERS)]
    racers = [started(ask_again, database.worker_url, intents, answer) for answer in answers]
    with running(*racers):
        for racer in racers:
            ended(racer)
    found = Counter(line for answer in answers for line in answer.read_text().splitlines())
    assert len(found) == KEYS
    assert set(found.values()) == {RACERS}
    async with opened(database.worker_url) as log, log.begin(None) as work:
        assert await work.facts.last() == sum(intent.count for intent in intents)


async def test_a_key_is_answered_the_same_after_its_stream_moved_on_and_from_another_process(
    database: Database, tmp_path: Path
) -> None:
    intent, answer = Intent(IDS.new(), IDS.new(), 0, 3), tmp_path / "answer"
    async with opened(database.worker_url) as log:
        for before in range(2):
            async with log.begin(None) as work:
                work.facts.append(IDS.new(), 0, [sent(IDS.new())] * (before + 1))
        async with log.begin(None) as work:
            place = await work.append(intent.append())
        async with log.begin(None) as work:
            work.facts.append(intent.stream, 3, [sent(IDS.new())])
        async with log.begin(None) as work:
            assert await work.append(intent.append()) == place == 4
        again = started(ask_again, database.worker_url, [intent], answer)
        with running(again):
            ended(again)
        assert answer.read_text() == f"{intent.key} 4\n"
        async with log.begin(None) as work:
            assert await work.facts.last() == 7


@pytest.mark.parametrize("change", ["another fact", "one more", "another stream", "another version"])
async def test_a_key_with_other_content_is_refused_and_nothing_written(
    database: Database, change: str
) -> None:
    key, stream, facts = IDS.new(), IDS.new(), [sent(IDS.new()), sent(IDS.new())]
    others = {
        "another fact": append_of(stream, 0, [facts[0], sent(IDS.new())], key),
        "one more": append_of(stream, 0, [*facts, facts[0]], key),
        "another stream": append_of(IDS.new(), 0, facts, key),
        "another version": append_of(stream, 2, facts, key),
    }
    async with opened(database.worker_url) as log:
        async with log.begin(None) as work:
            assert await work.append(append_of(stream, 0, facts, key)) == 1
        with pytest.raises(KeyReused):
            async with log.begin(None) as work:
                await work.append(others[change])
        async with log.begin(None) as work:
            assert await work.facts.last() == 2


async def test_a_key_that_was_refused_can_be_used_again(database: Database) -> None:
    key, stream = IDS.new(), IDS.new()
    async with opened(database.worker_url) as log:
        with pytest.raises(StaleWrite):
            async with log.begin(None) as work:
                await work.append(append_of(stream, 5, [sent(IDS.new())], key))
        async with log.begin(None) as work:
            assert await work.append(append_of(stream, 0, [sent(IDS.new())], key)) == Place(1)


def marked(fact: object) -> str:
    assert isinstance(fact, AlertSent)
    return fact.alert_id
