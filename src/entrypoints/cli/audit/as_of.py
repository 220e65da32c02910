from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from rich.pretty import Pretty

from application.audit.fold import Kind
from application.audit.ports import State
from application.shared.ports import Place
from domain.shared.errors import Invalid
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_moment
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def show_state(kind: str, id: UUID, *, place: int | None, time: str | None, as_json: bool) -> None:
    """Show what something was at a place or time, from the log alone; raises Invalid and NotFound."""
    if kind not in set(Kind):
        raise Invalid(f"{kind[:40]!r} has no state; name one of {', '.join(Kind)}.")
    state = run(_state(Kind(kind), id, place, time))
    shown: dict[str, Any] = TypeAdapter(type(state)).dump_python(state, mode="json")
    if as_json:
        print_json({"kind": kind, **shown})
    else:
        console().print(f"The {kind} at that point:", Pretty(shown, expand_all=True))


async def _state(kind: Kind, id: UUID, place: int | None, time: str | None) -> State:
    async with ledger() as container:
        return await container.state_as_of()(
            actor=None,
            kind=kind,
            id=id,
            place=None if place is None else Place(place),
            at=None if time is None else read_moment(time),
        )
