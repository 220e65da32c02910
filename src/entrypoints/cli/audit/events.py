from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from rich.text import Text

from application.audit.list_facts import ListFacts
from application.shared.ports import Place, Recorded
from domain.shared.ids import UserId
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json

PAGE = 500


def list_events(*, after: int, limit: int | None, user: UUID | None, as_json: bool) -> None:
    """Print the log from a place on, one fact a line."""
    run(_list(Place(after), limit, UserId(user) if user else None, as_json=as_json))


async def _list(after: Place, limit: int | None, user: UserId | None, *, as_json: bool) -> None:
    screen, shown = console(), 0
    async with ledger() as container:
        async for recorded in _facts(container.list_facts(), after):
            if limit is not None and shown >= limit:
                break
            if user is not None and recorded.user_id != user:
                continue
            shown += 1
            if as_json:
                print_json(_line(recorded), lines=True)
            else:
                screen.print(_drawn(recorded), soft_wrap=True)
    if not shown and not as_json:
        screen.print("The log holds no such facts.")


async def _facts(list_facts: ListFacts, after: Place) -> AsyncIterator[Recorded]:
    while True:
        page = await list_facts(actor=None, after=after, limit=PAGE)
        for recorded in page:
            yield recorded
        if len(page) < PAGE:
            return
        after = page[-1].place


def _line(recorded: Recorded) -> dict[str, Any]:
    return {
        "place": recorded.place,
        "stream": str(recorded.stream),
        "version": recorded.version,
        "type": recorded.type,
        "user_id": None if recorded.user_id is None else str(recorded.user_id),
        "recorded_at": written(recorded.recorded_at),
        "fact": orjson.loads(recorded.stored),
        "sha256": sha256(recorded.stored).hexdigest(),
    }


def _drawn(recorded: Recorded) -> Text:
    return Text.assemble(
        (f"{recorded.place:>8}  ", "figure"),
        (f"{recorded.recorded_at:%Y-%m-%d %H:%M:%S}  ", "quiet"),
        f"{recorded.type:<32}",
        (f"{recorded.stream}@{recorded.version}", "quiet"),
    )
