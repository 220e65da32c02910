"""What a writer meant to do and what it was told had happened, in a file that survives its death."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.integration.log.work import append_of, sent

from adapters.postgres.log.append import Append
from domain.alerts.events import AlertSent
from domain.shared.ids import Id, derived


@dataclass(frozen=True, slots=True)
class Intent:
    """An append with its key; what it writes follows from that, so that it can be asked for again."""

    key: Id
    stream: Id
    expected: int
    count: int

    def facts(self) -> list[AlertSent]:
        return [sent(derived(str(number), self.key)) for number in range(self.count)]

    def append(self) -> Append:
        return append_of(self.stream, self.expected, self.facts(), self.key)


@dataclass(frozen=True, slots=True)
class Journal:
    """Intents, one a line, each followed by its place when that is known."""

    path: Path

    def meant(self, intent: Intent) -> None:
        self._line(f"meant {intent.key} {intent.stream} {intent.expected} {intent.count}")

    def done(self, intent: Intent, place: int) -> None:
        self._line(f"done {intent.key} {place}")

    def read(self) -> tuple[dict[Id, Intent], dict[Id, int]]:
        intents: dict[Id, Intent] = {}
        places: dict[Id, int] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            match line.split():
                case ["meant", key, stream, expected, count]:
                    intents[Id(key)] = Intent(Id(key), Id(stream), int(expected), int(count))
                case ["done", key, place]:
                    assert places.setdefault(Id(key), int(place)) == int(place)
                case other:
                    raise AssertionError(other)
        return intents, places

    def _line(self, line: str) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(
            handle, line.encode() + b"\n"
        )  # in one piece: another process may be killed, not the machine
        os.close(handle)
