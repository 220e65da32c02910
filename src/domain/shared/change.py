from dataclasses import dataclass
from typing import Generic, TypeVar

StateT = TypeVar("StateT", covariant=True)
FactT = TypeVar("FactT", covariant=True)


@dataclass(frozen=True, slots=True)
class Change(Generic[StateT, FactT]):
    """The only thing that a repository writes: a new state, and the facts that explain it."""

    state: StateT
    facts: tuple[FactT, ...]
