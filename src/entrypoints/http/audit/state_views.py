from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, TypeAdapter

from application.audit.ports import State
from application.audit.reading.position_as_of import PositionThen
from application.audit.replaying.fold import Kind
from entrypoints.http.frame.models import View
from entrypoints.http.position_views import BlockView, HoldingsView


class StateView(View):
    """What something was."""

    kind: Kind
    state: Mapping[str, Any] = Field(description="Its fields, as the fold of its facts gives them.")

    @staticmethod
    def of(kind: Kind, state: State) -> "StateView":
        """Show a state."""
        return StateView(kind=kind, state=TypeAdapter(type(state)).dump_python(state, mode="json"))


class PositionThenView(View):
    """A wallet's stake in one market, as the newest batch of observations by then saw it."""

    place: int = Field(description="Where in the log the batch stands.")
    chain_id: int
    market: str
    block: BlockView
    observed_at: datetime
    position: HoldingsView | None = Field(description="Null where it was not known, or gone.")
    unknown: str | None = Field(description="Why it was not known.")
    gone_at_place: int | None = Field(description="Where the market reported the wallet gone since.")

    @staticmethod
    def of(then: PositionThen) -> "PositionThenView":
        """Show a position."""
        sighting = then.sighting
        return PositionThenView(
            place=sighting.place,
            chain_id=sighting.chain_id,
            market=sighting.market,
            block=BlockView.of(sighting.block),
            observed_at=sighting.observed_at,
            position=None if then.position is None else HoldingsView.of(then.position),
            unknown=then.unknown,
            gone_at_place=then.left,
        )


class PositionsThenView(View):
    """A wallet's stakes in every market where it was seen by then."""

    items: tuple[PositionThenView, ...]

    @staticmethod
    def of(found: Iterable[PositionThen]) -> "PositionsThenView":
        """Show positions."""
        return PositionsThenView(items=tuple(map(PositionThenView.of, found)))
