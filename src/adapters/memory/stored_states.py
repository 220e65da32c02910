from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from application.audit.ports import State
from domain.shared.errors import Invalid
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class MemoryStoredStates:
    """The states in memory as they stand, by kind."""

    kinds: Mapping[str, Callable[[], Sequence[State]]]

    async def page(self, kind: str, *, after: Id | None, limit: int) -> Sequence[State]:
        """Return stored states of a kind in the order of their ids; raises Invalid for a kind that is none."""
        if kind not in self.kinds:
            raise Invalid(f"There is no kind of state called {kind!r}; there are {', '.join(self.kinds)}.")
        states = sorted(self.kinds[kind](), key=lambda state: state.id)
        return [state for state in states if after is None or state.id > after][:limit]
