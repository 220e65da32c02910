from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.errors import UnstorableFact
from adapters.codec.events import encode
from adapters.codec.fingerprint import fingerprint
from adapters.codec.leaves import Entry
from adapters.codec.names import NAMES
from adapters.codec.personal import PERSONAL, seal_personal
from adapters.postgres.driver import driver_of
from adapters.postgres.log.append import append
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.reading import last_place
from adapters.postgres.log.whole_log import WholeLog
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.shared.correlation import correlation
from application.shared.ports import Clock, Ids, Place, Recorded
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class _Pending:
    stream: Id
    version: int
    fact: object
    state: object | None


@dataclass(frozen=True, slots=True)
class PostgresFacts:
    """The event log in PostgreSQL, as one transaction sees it."""

    connection: AsyncConnection
    clock: Clock
    ids: Ids
    subjects: PostgresSubjectKeys
    archived: PostgresArchived
    pending: list[_Pending] = field(default_factory=list)

    def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, state: object | None = None
    ) -> None:
        """Add facts to a stream of which `expected` are on record; written as the last step of the commit."""
        reached = expected + len(facts)
        for version, fact in enumerate(facts, start=expected + 1):
            self.pending.append(_Pending(stream, version, fact, state if version == reached else None))

    def written(self, fact: object) -> bytes:
        """Return the very bytes that appending this fact would store."""
        name, payload = encode(fact)
        if name not in PERSONAL:
            return payload
        return self._sealed(name, payload, getattr(fact, "user_id", None))

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log."""
        return await WholeLog(self.subjects, self.archived).after(
            place, limit=limit, types=types, until=until
        )

    def through(self, after: Place, until: Place) -> AsyncGenerator[Sequence[Recorded], None]:
        """Read the facts after one place and up to another in the order of the log, a run at a time."""
        return WholeLog(self.subjects, self.archived).through(after, until)

    async def of(
        self, stream: Id, *, after: Place | None = None, until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's whole history in order, or what lies after one place and up to another."""
        return await WholeLog(self.subjects, self.archived).of(stream, after=after, until=until)

    async def last(self, *, by: datetime | None = None) -> Place:
        """Return the place of the newest fact (recorded by that time); 0 when there is none."""
        return await last_place(self.connection, by=by)

    async def flush(self) -> None:
        """Write what was appended, or raise StaleWrite; nothing but the commit may follow."""
        if not self.pending:
            return
        self._check_order()
        personal = [one.fact for one in self.pending if NAMES.get(type(one.fact)) in PERSONAL]
        if personal:
            users = {getattr(fact, "user_id", None) for fact in personal}
            await self.subjects.hold(user for user in users if user is not None)
        at, cause, pending = self.clock.now(), correlation.get(), self.pending[:]
        self.pending.clear()
        driver = await driver_of(self.connection)
        await append(driver, (self._entry(one, at, cause) for one in pending))

    def _entry(self, pending: _Pending, at: datetime, cause: Id | None) -> Entry:
        name, payload = encode(pending.fact)
        user_id = getattr(pending.fact, "user_id", None)
        return Entry(
            event_id=self.ids.new(),
            stream_id=pending.stream,
            version=pending.version,
            type=name,
            user_id=user_id,
            correlation_id=cause,
            recorded_at=at,
            payload=self._sealed(name, payload, user_id) if name in PERSONAL else payload,
            fingerprint=None if pending.state is None else fingerprint(pending.state),
        )

    def _sealed(self, name: str, payload: bytes, user_id: Id | None) -> bytes:
        if user_id is None or user_id not in self.subjects.known:
            raise UnstorableFact(name, "the key of its user is not at hand")
        return seal_personal(name, payload, user_id=user_id, subject=self.subjects.known[user_id])

    def _check_order(self) -> None:
        reached: dict[Id, int] = {}
        for pending in self.pending:
            if reached.get(pending.stream, pending.version - 1) != pending.version - 1:
                raise StaleWrite("This record")
            reached[pending.stream] = pending.version
