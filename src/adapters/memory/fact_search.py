from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.codec.events import CODEC
from adapters.memory.store import Transaction
from adapters.memory.subject_keys import MemorySubjectKeys
from application.audit.reading.fact_search import FactCount, FactFilter, Found, Touched
from application.shared.ports import Place
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class MemoryFactSearch:
    """Finds facts in memory, by looking at each."""

    transaction: Transaction

    @property
    def names(self) -> Mapping[str, type]:
        """Every stored name that is known, and the class of today that its facts are read as."""
        return CODEC.classes

    async def find(self, wanted: FactFilter, *, limit: int, reverse: bool = False) -> Sequence[Found]:
        """Return the first such facts in the order of the log, or the last ones, newest first."""
        return list(islice(self._such(wanted, reverse=reverse), limit))

    async def count(self, wanted: FactFilter) -> FactCount:
        """Count such facts and their streams."""
        found = list(self._such(wanted))
        begun = sum(one.version == 1 for one in found)
        return FactCount(len(found), len({one.stream for one in found}), begun)

    async def touched(self, wanted: FactFilter, *, beyond: Place, limit: int) -> Sequence[Touched]:
        """Return the streams of such facts in the order of their first one, whose position is greater than `beyond`."""
        streams: dict[Id, list[Found]] = defaultdict(list)
        for found in self._such(wanted):
            streams[found.stream].append(found)
        return [
            Touched(
                stream=stream,
                facts=len(facts),
                first=facts[0].place,
                last=facts[-1].place,
                first_name=facts[0].type,
                first_version=facts[0].version,
            )
            for stream, facts in streams.items()
            if facts[0].place > beyond
        ][:limit]

    def _such(self, wanted: FactFilter, *, reverse: bool = False) -> Iterator[Found]:
        store, subjects = self.transaction.store, MemorySubjectKeys(self.transaction)
        log = store.log[wanted.after : wanted.until if wanted.until is None else max(wanted.until, 0)]
        for recorded in reversed(log) if reverse else log:
            found = Found(*recorded, correlation_id=store.causes.get(recorded.place))
            if self._sees(found) and _is_such(found, wanted):
                yield found._replace(fact=subjects.opened(recorded).fact)

    def _sees(self, recorded: Found) -> bool:
        return self.transaction.actor is None or recorded.user_id == self.transaction.actor


def _is_such(found: Found, wanted: FactFilter) -> bool:
    return (
        (not wanted.names or found.type in wanted.names)
        and wanted.stream in {None, found.stream}
        and wanted.user in {None, found.user_id}
        and wanted.correlation in {None, found.correlation_id}
    )
