import asyncio
from collections import deque
from dataclasses import dataclass, field

from adapters.postgres.log.appender.waiting import Waiting
from application.shared.appender import AppenderClosed, AppendTooLarge
from domain.shared.ids import Id


@dataclass(slots=True, kw_only=True)
class BoundedQueue:
    """What waits to be written, so many facts and bytes at most; who comes then waits in turn to be let in."""

    most_facts: int
    most_bytes: int
    closed: bool = False
    _facts: int = 0
    _bytes: int = 0
    _held: deque[Waiting] = field(default_factory=deque)
    _outside: deque[asyncio.Event] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def check(self, facts: int, size: int) -> None:
        """Refuse what would never find room; raises AppendTooLarge."""
        if facts > self.most_facts:
            raise AppendTooLarge(facts, self.most_facts, "facts")
        if size > self.most_bytes:
            raise AppendTooLarge(size, self.most_bytes, "bytes")

    async def put(self, one: Waiting) -> None:
        """Hold it as soon as there is room and its turn has come; raises AppenderClosed."""
        if self._outside or not self._fits(one):
            await self._turn(one)
        if self.closed:
            raise AppenderClosed
        self._held.append(one)
        self._facts += len(one.facts)
        self._bytes += one.size
        self._news.set()

    async def group(self, *, facts: int, size: int) -> list[Waiting]:
        """Wait until something is held, and take the next for one commit, about so much; nothing at the very end.

        A key is there once, and a stream's appends only where each continues the one before: whoever comes second
        otherwise has to see what became of the first.
        """
        while True:
            taken = self._next(facts, size)
            if taken or (self.closed and not self._held):
                return taken
            if not self._held:
                self._news.clear()
                await self._news.wait()

    def close(self) -> None:
        """Let nobody in any more."""
        self.closed = True
        self._news.set()
        for door in self._outside:
            door.set()

    async def _turn(self, one: Waiting) -> None:
        door = asyncio.Event()
        self._outside.append(door)
        try:
            while not self.closed and (self._outside[0] is not door or not self._fits(one)):
                door.clear()
                await door.wait()
        finally:
            self._outside.remove(door)
            self._let_in()

    def _next(self, facts: int, size: int) -> list[Waiting]:
        taken, later = list[Waiting](), list[Waiting]()
        reached: dict[Id, int] = {}
        keys: set[Id] = set()
        while self._held and (not taken or (facts > 0 and size > 0)):
            one = self._held.popleft()
            if one.written.done():  # cancelled meanwhile
                self._forget(one)
            elif (one.key is not None and one.key in keys) or reached.get(
                one.stream, one.expected
            ) != one.expected:
                reached[one.stream] = -1  # nor can what comes behind it
                later.append(one)
            else:
                reached[one.stream] = one.expected + len(one.facts)
                if one.key is not None:
                    keys.add(one.key)
                taken.append(one)
                self._forget(one)
                facts -= len(one.facts)
                size -= one.size
        self._held.extendleft(reversed(later))
        self._let_in()
        return taken

    def _fits(self, one: Waiting) -> bool:
        return self._facts + len(one.facts) <= self.most_facts and self._bytes + one.size <= self.most_bytes

    def _forget(self, one: Waiting) -> None:
        self._facts -= len(one.facts)
        self._bytes -= one.size

    def _let_in(self) -> None:
        if self._outside:
            self._outside[0].set()
