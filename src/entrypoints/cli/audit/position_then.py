from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from application.audit.explaining import figures
from application.audit.reading.flat import flat
from application.audit.reading.position_as_of import PositionThen
from entrypoints.cli.audit.moment import written


def position_line(then: PositionThen) -> dict[str, Any]:
    """Return a wallet's stake in a market as a program reads it: integers as the contracts count, in text."""
    seen = then.sighting
    return {
        "chain_id": seen.chain_id,
        "protocol": seen.protocol,
        "market": seen.market,
        "wallet": seen.seen.wallet,
        "status": then.status,
        "unknown": then.unknown,
        "left": then.left,
        "seen_at": {
            "position": seen.place,
            "batch": seen.batch_id,
            "block_number": seen.block.number,
            "block_hash": seen.block.hash,
            "block_time": written(seen.block.time),
            "observed_at": written(seen.observed_at),
            "covered": then.covered,
        },
        "values": None if then.position is None else flat(then.position),
    }


def drawn_position(then: PositionThen) -> Group:
    """Draw a wallet's stake in a market as it was known then."""
    seen = then.sighting
    lines = [
        Text.assemble(
            ("Read ", "quiet"),
            f"in block {seen.block.number} of chain {seen.chain_id} at {written(seen.block.time)}",
            (f" (position {seen.place} of the log, {_cover(then)})", "quiet"),
        )
    ]
    if then.left is not None:
        lines.append(
            Text(f"Gone: at position {then.left} of the log the market reported nothing there.", "low")
        )
    if then.unknown is not None:
        lines.append(Text(f"Unknown: {then.unknown}", "unknown"))
    if then.position is None:
        return Group(*lines, "")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(style="figure", overflow="fold")
    for name, value in figures.of_position(then.position):
        table.add_row(name, value)
    return Group(*lines, table, "")


def _cover(then: PositionThen) -> str:
    if then.covered:
        return "whose root was computed again and matches"
    return "whose root does not cover it" if then.tampered else "not verified"
