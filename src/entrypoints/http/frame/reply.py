from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

ViewT = TypeVar("ViewT")


@dataclass(frozen=True, slots=True)
class Reply(Generic[ViewT]):
    """An answer that says more than its body: which version it shows, or where the new thing is."""

    view: ViewT
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def etag_of_version(version: int) -> str:
    """Return the entity tag of a thing's version."""
    return f'"v{version}"'
