from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]
"""A stored fact as JSON has it, before anybody gave it a type."""


@dataclass(frozen=True, slots=True)
class Upcast:
    """How a fact of an older version is told in the next: total, so that every fact ever stored can be read."""

    to: str
    change: Callable[[Document], Document]


UPCASTS: Final[Mapping[str, Upcast]] = {}
"""By the stored name of the older version; no fact has changed its shape so far."""
