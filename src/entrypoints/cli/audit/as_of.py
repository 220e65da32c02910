from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from application.audit.ports import State
from application.audit.reading.flat import flat
from application.audit.reading.moment import Moment
from application.audit.reading.position_as_of import PositionThen
from application.audit.replaying.fold import Kind
from application.shared.ports import Place
from domain.shared.chain import ChainId, address
from domain.shared.errors import Invalid
from entrypoints.cli.audit.fields import shown_name
from entrypoints.cli.audit.kinds import POSITION, id_typed, read_kind
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_moment
from entrypoints.cli.audit.position_then import drawn_position, position_line
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """In which market a wallet's position is asked for; None for all."""

    chain: int | None
    market: str | None


def show_state(
    kind: str, id: str, where: Where, *, place: int | None, time: str | None, as_json: bool
) -> None:
    """Show what something was at a position of the log or a time, from the log alone; raises Invalid and NotFound."""
    told = read_kind(kind, POSITION)
    if place is not None and time is not None:
        raise Invalid("Name either a position of the log or a time, not both.")
    moment: Moment | None = Place(place) if place is not None else None if time is None else read_moment(time)
    if told == POSITION:
        _show_positions(run(_positions(id, where, moment)), as_json=as_json)
        return
    state = run(_state(Kind(told), id, moment))
    if as_json:
        print_json({"kind": told, **_nested(state)})
    else:
        console().print(f"The {told} at that point, folded from the log:\n", _drawn(state))


async def _state(kind: Kind, id: str, moment: Moment | None) -> State:
    named = id_typed(id)
    async with ledger() as container:
        show = container.state_as_of()
        if isinstance(moment, int):
            return await show(actor=None, kind=kind, id=named, place=moment)
        return await show(actor=None, kind=kind, id=named, at=moment)


async def _positions(wallet: str, where: Where, moment: Moment | None) -> tuple[PositionThen, ...]:
    async with ledger() as container:
        return await container.position_as_of()(
            actor=None,
            wallet=address(wallet),
            moment=moment,
            chain_id=None if where.chain is None else ChainId(where.chain),
            market=None if where.market is None else address(where.market),
        )


def _show_positions(found: tuple[PositionThen, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"kind": POSITION, "markets": [position_line(one) for one in found]})
        return
    for one in found:
        console().print(drawn_position(one))


def _nested(state: State) -> dict[str, Any]:
    from pydantic import TypeAdapter

    shown: dict[str, Any] = TypeAdapter(type(state)).dump_python(state, mode="json")
    return shown


def _drawn(state: State) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", overflow="fold")
    table.add_column(overflow="fold")
    for name, value in flat(state).items():
        table.add_row(
            shown_name(name), Text("-", "quiet") if value is None else Text(value or "''", "figure")
        )
    return table
