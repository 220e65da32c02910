from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from adapters.codec.events import decode, encode
from application.shared.ports import Place, Recorded
from domain.shared.ids import Id

_NOWHERE: Final = Place(0)
_UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Window:
    """The last part of a log of its own: what went in, and what was decided from it, until both are let go of.

    `fed` is where the last fact that went in stands in the log that it comes from.
    """

    gone: int = 0
    fed: Place = _NOWHERE
    facts: list[Recorded] = field(default_factory=list)
    decided: list[Recorded] = field(default_factory=list)

    def feed(self, recorded: Recorded) -> None:
        """Add a fact that was recorded elsewhere, under the stream and version it has there."""
        self.fed = recorded.place
        self.facts.append(recorded._replace(place=self._next()))

    def append(self, stream: Id, expected: int, facts: Sequence[object]) -> None:
        """Add facts that were decided here; they go through the codec like all others."""
        for version, fact in enumerate(facts, start=expected + 1):
            name, stored = encode(fact)
            recorded = Recorded(
                place=self._next(),
                stream=stream,
                version=version,
                type=name,
                user_id=getattr(fact, "user_id", None),
                fact=decode(name, stored),
                stored=stored,
                recorded_at=_UNDATED,
            )
            self.facts.append(recorded)
            self.decided.append(recorded)

    async def after(
        self, place: Place, *, limit: int, types: Sequence[type] = (), until: Place | None = None
    ) -> Sequence[Recorded]:
        """Return the next facts after a place in the order of the log, of these types only where any are named."""
        wanted = tuple(types) or object
        last = len(self.facts) if until is None else min(until - self.gone, len(self.facts))
        rest = (self.facts[index] for index in range(max(place - self.gone, 0), last))
        return list(islice((one for one in rest if isinstance(one.fact, wanted)), limit))

    def taken(self) -> Sequence[Recorded]:
        """Return what was decided, and let go of everything: whoever follows has followed it all."""
        decided, self.decided = self.decided, []
        self.gone += len(self.facts)
        self.facts.clear()
        return decided

    def _next(self) -> Place:
        return Place(self.gone + len(self.facts) + 1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each reaction has come in the window; there is nobody to keep from it."""

    places: dict[str, Place] = field(default_factory=dict)

    async def hold(self, name: str) -> Place | None:
        """Return how far the reaction has come."""
        return self.places.get(name, Place(0))

    async def move(self, name: str, place: Place) -> None:
        """Put on record that everything up to here has had its effect."""
        self.places[name] = place
