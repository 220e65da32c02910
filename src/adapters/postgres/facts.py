from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import encode
from adapters.codec.leaves import Entry
from adapters.postgres.append import append
from adapters.postgres.driver import driver_of
from adapters.postgres.reading import last_place, read_after, read_stream
from application.shared.correlation import correlation
from application.shared.ports import Clock, Ids, Place, Recorded
from domain.shared.errors import StaleWrite


@dataclass(frozen=True, slots=True)
class _Pending:
    stream: UUID
    version: int
    type: str
    user_id: UUID | None
    payload: bytes


@dataclass(frozen=True, slots=True)
class PostgresFacts:
    """The event log in PostgreSQL, as one transaction sees it."""

    connection: AsyncConnection
    clock: Clock
    ids: Ids
    pending: list[_Pending] = field(default_factory=list)

    def append(self, stream: UUID, expected: int, facts: Sequence[object]) -> None:
        """Add facts to a stream of which `expected` are on record; written as the last step of the commit."""
        for version, fact in enumerate(facts, start=expected + 1):
            name, payload = encode(fact)
            self.pending.append(_Pending(stream, version, name, getattr(fact, "user_id", None), payload))

    def written(self, fact: object) -> bytes:
        """Return the very bytes that appending this fact would store."""
        return encode(fact)[1]

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log."""
        return await read_after(self.connection, place, limit=limit, types=types, until=until)

    async def of(
        self, stream: UUID, *, after: Place | None = None, until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's whole history in order, or what lies after one place and up to another."""
        return await read_stream(self.connection, stream, after=after, until=until)

    async def last(self, *, by: datetime | None = None) -> Place:
        """Return the place of the newest fact (recorded by that time); 0 when there is none."""
        return await last_place(self.connection, by=by)

    async def flush(self) -> None:
        """Write what was appended, or raise StaleWrite; nothing but the commit may follow."""
        if not self.pending:
            return
        at, cause = self.clock.now(), correlation.get()
        self._check_order()
        entries = [
            Entry(
                event_id=self.ids.new(),
                stream_id=pending.stream,
                version=pending.version,
                type=pending.type,
                user_id=pending.user_id,
                correlation_id=cause,
                recorded_at=at,
                payload=pending.payload,
            )
            for pending in self.pending
        ]
        self.pending.clear()
        await append(await driver_of(self.connection), entries)

    def _check_order(self) -> None:
        reached: dict[UUID, int] = {}
        for pending in self.pending:
            if reached.get(pending.stream, pending.version - 1) != pending.version - 1:
                raise StaleWrite("This record")
            reached[pending.stream] = pending.version
