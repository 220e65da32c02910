from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.shared.errors import Invalid

StateT = TypeVar("StateT")
FactT = TypeVar("FactT")
FirstT = TypeVar("FirstT")


def folded(
    facts: Iterable[FactT],
    *,
    first: type[FirstT],
    born: Callable[[FirstT], StateT],
    after: Callable[[StateT, FactT], StateT],
) -> StateT:
    """Rebuild a state from its whole history, which begins with a fact of the kind `first`; raises Invalid."""
    history = iter(facts)
    beginning = next(history, None)
    if not isinstance(beginning, first):
        raise Invalid(
            f"A history that should begin with {first.__name__} begins with {type(beginning).__name__}."
        )
    state = born(beginning)
    for fact in history:
        state = after(state, fact)
    return state
