import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from adapters.codec.errors import UnstorableFact
from adapters.codec.events import encode
from adapters.codec.ids import packed
from adapters.codec.personal import PERSONAL
from adapters.postgres.log.appender.queue import BoundedQueue
from adapters.postgres.log.appender.session import Session
from adapters.postgres.log.appender.waiting import Encoded, Waiting
from adapters.postgres.log.appender.writer import Writer
from application.shared.appender import AppenderClosed
from application.shared.correlation import correlation
from application.shared.ports import Clock, Ids, Place
from domain.shared.errors import Invalid
from domain.shared.ids import Id

MOST_FACTS: Final = 10_000
MOST_BYTES: Final = 16 * 1024 * 1024
"""How much may wait, and how large one append may be."""

GROUP_FACTS: Final = 1_000
GROUP_BYTES: Final = 4 * 1024 * 1024
"""About how much becomes one commit."""


@dataclass(slots=True)
class PostgresAppender:
    """Appends of many callers, in few commits on a connection of its own; only workers may make one.

    `patience` is how many seconds an append outlives its database before its caller is told so.
    """

    url: str = field(repr=False)
    clock: Clock
    ids: Ids
    patience: float = 30
    most_facts: int = MOST_FACTS
    most_bytes: int = MOST_BYTES
    _queue: BoundedQueue = field(init=False)
    _session: Session = field(init=False)
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Begin with nothing waiting and nothing open."""
        self._queue = BoundedQueue(most_facts=self.most_facts, most_bytes=self.most_bytes)
        self._session = Session(self.url)

    async def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, key: Id | None = None
    ) -> Place:
        """Append facts to a stream of which `expected` are on record, and return the first one's place."""
        encoded = [_encoded(fact) for fact in facts]
        return await self.append_encoded(stream, expected, encoded, key=key)

    async def append_encoded(
        self, stream: Id, expected: int, facts: Sequence[Encoded], *, key: Id | None = None
    ) -> Place:
        """Append facts that went through the codec already; see `append`."""
        if not facts:
            raise Invalid("An append has one fact at least.")
        size = sum(len(payload) for _, payload, _ in facts)
        self._queue.check(len(facts), size)
        if self._queue.closed:
            raise AppenderClosed
        waiting = Waiting(
            stream=stream,
            expected=expected,
            facts=facts,
            event_ids=[self.ids.new() for _ in facts],
            key=key,
            fingerprint=None if key is None else _content(stream, expected, facts),
            correlation=correlation.get(),
            size=size,
            written=asyncio.get_running_loop().create_future(),
        )
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(waiting)
        return await waiting.written

    async def close(self) -> None:
        """Take nothing more, write what waits, and let go of the connection."""
        self._queue.close()
        if self._task is not None:
            await self._task
        await self._session.drop()

    async def _run(self) -> None:
        writer = Writer(self._session, self.clock, self.patience)
        while group := await self._queue.group(facts=GROUP_FACTS, size=GROUP_BYTES):
            await writer.write(group)
            await asyncio.sleep(0)  # who was just answered may come again, and into the same commit


def _encoded(fact: object) -> Encoded:
    name, payload = encode(fact)
    if name in PERSONAL:
        raise UnstorableFact(
            name, "it is personal, and is sealed only where a transaction holds its user's key"
        )
    return name, payload, getattr(fact, "user_id", None)


def _content(stream: Id, expected: int, facts: Sequence[Encoded]) -> bytes:
    """Return what a key stands for: these facts, at these places of this stream."""
    digest = sha256(packed(stream) + expected.to_bytes(8, "big"))
    for name, payload, user_id in facts:
        owner = b"" if user_id is None else packed(user_id)
        digest.update(b"%d %d %d " % (len(name), len(owner), len(payload)) + name.encode() + owner + payload)
    return digest.digest()
