from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from application.audit.proving.stored_log import BEGINNING
from application.shared.ports import Place
from domain.shared.ids import Id, UserId


class Found(NamedTuple):
    """A `Recorded` fact with the id of what caused it: a request, a job; None where nothing was said to."""

    place: Place
    stream: Id
    version: int
    type: str
    user_id: UserId | None
    fact: object
    stored: bytes
    recorded_at: datetime
    fingerprint: bytes | None
    correlation_id: Id | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilter:
    """Which facts are looked for: after one position, up to another, and such as are named; None names none.

    `names` are stored names (`alert.raised.v1`); empty means all.
    """

    after: Place = BEGINNING
    until: Place | None = None
    names: tuple[str, ...] = ()
    stream: Id | None = None
    user: UserId | None = None
    correlation: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A stream that got facts within a range of the log: how many, the first of them and the last."""

    stream: Id
    facts: int
    first: Place
    last: Place
    first_name: str
    first_version: int


@dataclass(frozen=True, slots=True)
class FactCount:
    """How many facts there are, in how many streams, and how many of these begin with one of them."""

    facts: int
    streams: int
    begun: int


class FactSearch(Protocol):
    """Finds facts by what is said of them. An actor finds their own."""

    @property
    def names(self) -> Mapping[str, type]:
        """Every stored name that is known, and the class of today that its facts are read as."""
        ...

    async def find(self, wanted: FactFilter, *, limit: int, reverse: bool = False) -> Sequence[Found]:
        """Return the first such facts in the order of the log, or the last ones, newest first."""
        ...

    async def count(self, wanted: FactFilter) -> FactCount:
        """Count such facts and their streams."""
        ...

    async def touched(self, wanted: FactFilter, *, beyond: Place, limit: int) -> Sequence[Touched]:
        """Return the streams of such facts in the order of their first one, whose position is greater than `beyond`."""
        ...
