from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice, takewhile
from typing import Final

from adapters.codec.errors import UnstorableFact
from adapters.codec.events import decode, encode
from adapters.codec.fingerprint import fingerprint
from adapters.codec.personal import PERSONAL, Keyless, seal_personal
from adapters.memory.store import Transaction
from adapters.memory.subject_keys import MemorySubjectKeys
from application.shared.correlation import correlation
from application.shared.ports import Place, Recorded
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id, UserId

RUN: Final = 256
"""Facts that are handed on at once."""


@dataclass(frozen=True, slots=True)
class _Pending:
    stream: Id
    expected: int
    encoded: tuple[tuple[str, bytes], ...]
    owners: tuple[UserId | None, ...]
    fingerprint: bytes | None


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """The event log in memory, as one transaction sees it; its facts go through the codec like all others."""

    transaction: Transaction
    pending: list[_Pending] = field(default_factory=list)

    def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, state: object | None = None
    ) -> None:
        """Add facts to a stream of which `expected` are on record; written as the last step of the commit."""
        if facts:
            owners = tuple(getattr(fact, "user_id", None) for fact in facts)
            encoded = tuple(encode(fact) for fact in facts)
            reached = None if state is None else fingerprint(state)
            self.pending.append(_Pending(stream, expected, encoded, owners, reached))

    def written(self, fact: object) -> bytes:
        """Return the very bytes that appending this fact would store."""
        name, payload = encode(fact)
        if name not in PERSONAL:
            return payload
        user_id = getattr(fact, "user_id", None)
        if user_id is None or self._subjects.of(user_id) is Keyless.NEVER_MADE:
            raise UnstorableFact(name, "the key of its user is not at hand")
        return seal_personal(name, payload, user_id=user_id, subject=self._subjects.of(user_id))

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log."""
        wanted = tuple(types) or object
        found = (recorded for recorded in self._log(until)[place:] if isinstance(recorded.fact, wanted))
        return [self._subjects.opened(one) for one in islice(filter(self._sees, found), limit)]

    async def through(self, after: Place, until: Place) -> AsyncGenerator[Sequence[Recorded], None]:
        """Read the facts after one place and up to another in the order of the log, a run at a time."""
        while page := await self.after(after, limit=RUN, until=until):
            yield page
            after = page[-1].place

    async def of(
        self, stream: Id, *, after: Place | None = None, until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's whole history in order, or what lies after one place and up to another."""
        history = (recorded for recorded in self._log(until)[after:] if recorded.stream == stream)
        return [self._subjects.opened(one) for one in filter(self._sees, history)]

    async def last(self, *, by: datetime | None = None) -> Place:
        """Return the place of the newest fact (recorded by that time); 0 when there is none."""
        # Up to the first that is younger: a clock that goes back must not hide what came before.
        known = takewhile(lambda recorded: by is None or recorded.recorded_at <= by, self._log(None))
        return max((recorded.place for recorded in known), default=Place(0))

    def flush(self) -> None:
        """Write what was appended, or raise StaleWrite and write nothing."""
        store = self.transaction.store
        streams: dict[Id, int] = {}
        for batch in self.pending:
            if streams.get(batch.stream, store.streams.get(batch.stream, 0)) != batch.expected:
                raise StaleWrite("What you wanted to change")
            streams[batch.stream] = batch.expected + len(batch.encoded)
        at, cause = store.clock.now(), correlation.get()
        for batch in [self._sealed(batch) for batch in self.pending]:
            for version, (name, stored) in enumerate(batch.encoded, start=batch.expected + 1):
                last = version == batch.expected + len(batch.encoded)
                recorded = self._recorded(batch.stream, version, name, stored, at)
                store.log.append(recorded._replace(fingerprint=batch.fingerprint) if last else recorded)
                if cause is not None:
                    store.causes[store.log[-1].place] = cause
        store.streams.update(streams)
        self.pending.clear()

    @property
    def _subjects(self) -> MemorySubjectKeys:
        return MemorySubjectKeys(self.transaction)

    def _sealed(self, batch: _Pending) -> _Pending:
        keys, told = self._subjects, zip(batch.encoded, batch.owners, strict=True)
        encoded = tuple(
            (name, seal_personal(name, payload, user_id=owner, subject=keys.made(owner)))
            if name in PERSONAL and owner is not None
            else (name, payload)
            for (name, payload), owner in told
        )
        return replace(batch, encoded=encoded)

    def _recorded(self, stream: Id, version: int, name: str, stored: bytes, at: datetime) -> Recorded:
        fact = decode(name, stored)
        return Recorded(
            place=Place(len(self.transaction.store.log) + 1),
            stream=stream,
            version=version,
            type=name,
            user_id=getattr(fact, "user_id", None),
            fact=fact,
            stored=stored,
            recorded_at=at,
        )

    def _log(self, until: Place | None) -> list[Recorded]:
        return self.transaction.store.log[:until]

    def _sees(self, recorded: Recorded) -> bool:
        return self.transaction.actor is None or recorded.user_id == self.transaction.actor
