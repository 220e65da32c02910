from collections.abc import Sequence
from dataclasses import dataclass

from adapters.codec.errors import UnstorableFact
from adapters.codec.events import encode
from adapters.codec.personal import PERSONAL
from adapters.memory.database import MemoryDatabase
from application.shared.appender import AppenderClosed
from application.shared.ports import Place
from application.shared.requests import KeyReused
from domain.shared.errors import Invalid
from domain.shared.ids import Id


@dataclass(slots=True)
class MemoryAppender:
    """The event log in memory, for those who append outside of transactions; every append is a commit."""

    database: MemoryDatabase
    closed: bool = False

    async def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, key: Id | None = None
    ) -> Place:
        """Append facts to a stream of which `expected` are on record, and return the first one's place."""
        if self.closed:
            raise AppenderClosed
        if not facts:
            raise Invalid("An append has one fact at least.")
        asked = (stream, expected, *(_encoded(fact) for fact in facts))
        keys = self.database.store.rows.setdefault("append_keys", {})
        if key is not None and key in keys:
            return _first(keys[key], asked)
        async with self.database.begin(None) as work:
            work.facts.append(stream, expected, facts)
            first = Place(len(self.database.store.log) + 1)
        if key is not None:
            keys[key] = (asked, first)
        return first

    async def close(self) -> None:
        """Take nothing more."""
        self.closed = True


def _first(known: object, asked: object) -> Place:
    match known:
        case (said, int(first)) if said == asked:
            return Place(first)
        case _:
            raise KeyReused


def _encoded(fact: object) -> tuple[str, bytes]:
    name, payload = encode(fact)
    if name in PERSONAL:
        raise UnstorableFact(
            name, "it is personal, and is sealed only where a transaction holds its user's key"
        )
    return name, payload
