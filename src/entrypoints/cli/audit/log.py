from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from shlex import join
from typing import Any, Final
from uuid import UUID

import orjson
from rich.table import Table
from rich.text import Text

from adapters.codec.json import canonical
from application.audit.reading.fact_search import Found
from application.audit.reading.list_facts import ListFacts
from application.audit.reading.moment import Moment
from application.audit.reading.summary import summary
from application.shared.ports import Place
from entrypoints.cli.audit.kinds import id_given
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import read_point, written
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json

PAGE: Final = 500
"""Facts that are held at once."""

_WIDE: Final = 100
_UNBOUNDED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to see of the log."""

    stream: UUID | None
    types: Sequence[str]
    user: UUID | None
    since: str | None
    until: str | None
    correlation: UUID | None
    after: int | None
    limit: int | None
    reverse: bool

    def criteria(self) -> dict[str, Any]:
        """Return what stays the same from page to page; raises Invalid for a time that is none."""
        return {
            "stream": id_given(self.stream),
            "types": self.types,
            "user": id_given(self.user),
            "since": _point(self.since),
            "until": _point(self.until),
            "correlation": id_given(self.correlation),
            "reverse": self.reverse,
        }


def show_log(asked: Asked, *, as_json: bool) -> None:
    """Print the facts that somebody asks for, and how to go on; raises Invalid."""
    more = run(_show(asked, as_json=as_json))
    if more is not None:
        console(error=True).print(f"More follow: {_next(asked, more)}", style="quiet", soft_wrap=True)


async def _show(asked: Asked, *, as_json: bool) -> Place | None:
    """Return the last position shown if there is more to be shown."""
    criteria = asked.criteria()
    left, after = asked.limit, None if asked.after is None else Place(asked.after)
    shown: Place | None = None
    async with ledger() as container:
        list_facts: ListFacts = container.list_facts()
        while True:
            size = PAGE if left is None else min(left, PAGE)
            page = await list_facts(actor=None, after=after, limit=size + 1, **criteria)
            _print(page[:size], as_json=as_json)
            if page:
                shown = after = page[: size or None][-1].place
            left = None if left is None else left - size
            if len(page) <= size or left == 0:
                break
    if shown is None and not as_json:
        console().print("The log holds no such facts.")
    return shown if len(page) > size else None


def _print(page: Sequence[Found], *, as_json: bool) -> None:
    if as_json:
        for found in page:
            print_json(line_of(found), lines=True)
    elif page:
        screen = console()
        if not screen.is_terminal:
            screen.width = _UNBOUNDED  # a line a fact, for grep and its like
        screen.print(_drawn(page, screen.width))


def line_of(found: Found) -> dict[str, Any]:
    """Return a fact as a program reads it: what it says, unsealed as far as that can be, and the hash of its bytes."""
    return {
        "position": found.place,
        "stream": found.stream,
        "version": found.version,
        "type": found.type,
        "user_id": found.user_id,
        "correlation_id": found.correlation_id,
        "recorded_at": written(found.recorded_at),
        "fact": orjson.loads(canonical(found.fact)),
        "sha256": sha256(found.stored).hexdigest(),
    }


def _drawn(page: Sequence[Found], width: int) -> Table:
    """Draw facts in lines that begin alike from page to page, whatever they hold."""
    wide = width >= _WIDE
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(style="figure", justify="right", min_width=7, no_wrap=True)
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(min_width=23 if wide else 0, no_wrap=True)
    table.add_column(style="quiet", min_width=9, no_wrap=True)
    table.add_column(overflow="fold")
    for found in page:
        time = f"{found.recorded_at:%Y-%m-%d %H:%M:%S}" if wide else f"{found.recorded_at:%m-%d %H:%M:%S}"
        user = "-" if found.user_id is None else f"…{found.user_id[-8:]}"
        name = found.type if wide else found.type.rpartition(".")[0]
        table.add_row(str(found.place), time, name, user, Text(summary(found.fact)))
    return table


def _point(text: str | None) -> Moment | None:
    return None if text is None else read_point(text)


def _next(asked: Asked, last: Place) -> str:
    """Return the line that shows the next page."""
    told = {
        "--stream": asked.stream,
        "--user": asked.user,
        "--from": asked.since,
        "--to": asked.until,
        "--correlation": asked.correlation,
        "--limit": asked.limit,
        "--after": last,
    }
    types = [word for name in asked.types for word in ("--type", name)]
    options = [word for name, value in told.items() if value is not None for word in (name, str(value))]
    return join(["plimsoll", "audit", "log", *types, *options, *(["--reverse"] if asked.reverse else [])])
