import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

from application.shared.ports import Clock, Place, Recorded
from domain.shared.ids import Id, UserId

Row = tuple[str, Hashable]
"""A table's name and the key in it."""

GONE = object()
"""Stands for a row that a transaction removed."""


@dataclass(slots=True)
class Store:
    """What has been committed: rows by table and key, and the log. Rows are frozen values, so nothing is copied."""

    clock: Clock
    rows: dict[str, dict[Hashable, object]] = field(default_factory=dict)
    log: list[Recorded] = field(default_factory=list)
    streams: dict[Id, int] = field(default_factory=dict)
    causes: dict[Place, Id] = field(default_factory=dict)
    holders: dict[Row, "Transaction"] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Transaction:
    """One actor's view: the committed rows, and over them what it has written itself.

    As in PostgreSQL, whoever writes a row holds it until the end, and another writer waits and then sees what the
    first one left. `opens` says whether it may use the keys of what it sees.
    """

    store: Store
    actor: UserId | None
    opens: bool = True
    written: dict[Row, object] = field(default_factory=dict)
    held: set[Row] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def sees(self, owner: UserId) -> bool:
        """Say whether the actor may see what belongs to this user."""
        return self.actor is None or self.actor == owner

    async def hold(self, row: Row) -> None:
        """Keep other writers from the row, after waiting for whoever has it."""
        while not self.try_hold(row):
            await self.store.holders[row].over.wait()

    def try_hold(self, row: Row) -> bool:
        """Keep other writers from the row, unless one of them has it."""
        holder = self.store.holders.setdefault(row, self)
        if holder is self:
            self.held.add(row)
        return holder is self

    def commit(self) -> None:
        """Let everybody see what was written."""
        for (table, key), value in self.written.items():
            rows = self.store.rows.setdefault(table, {})
            if value is GONE:
                rows.pop(key, None)
            else:
                rows[key] = value

    def end(self) -> None:
        """Let go of every row."""
        for row in self.held:
            del self.store.holders[row]
        self.over.set()
