from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """What a request carries: nothing is converted, nothing unknown is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Params(BaseModel):
    """What stands in a path or a query, as text; nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """What an answer shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ItemT = TypeVar("ItemT", bound=View)


class Page(View, Generic[ItemT]):
    """Some of a list's items, and where the rest begins."""

    items: tuple[ItemT, ...]
    next: str | None = Field(
        None, description="Hand this back as `cursor` for the next page; null on the last."
    )
