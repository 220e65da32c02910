from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from adapters.codec.ids import packed
from domain.shared.ids import Id
from entrypoints.http.frame.models import Page, View

FoundT = TypeVar("FoundT")
ViewT = TypeVar("ViewT", bound=View)


def paged(
    page: type[Page[ViewT]],
    found: Sequence[FoundT],
    limit: int,
    view: Callable[[FoundT], ViewT],
    cursor: Callable[[FoundT], str],
) -> Page[ViewT]:
    """Make a page of at most `limit` items out of one more, whose presence says that there is a next page."""
    shown = found[:limit]
    following = cursor(shown[-1]) if len(found) > limit else None
    return page(items=tuple(map(view, shown)), next=following)


def after_id(id: Id) -> str:
    """Return the opaque text that continues a list after the item with this id."""
    return urlsafe_b64encode(packed(id)).rstrip(b"=").decode()


def after_place(place: int) -> str:
    """Return the opaque text that continues the log after this place."""
    return urlsafe_b64encode(place.to_bytes(8, "big")).rstrip(b"=").decode()
