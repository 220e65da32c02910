import pickle
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

_QUICK: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -8192",  # KiB that SQLite may keep in memory
    "BEGIN",  # and never end: nothing has to last
)
_MOST: Final = 4096
"""Values that are kept as they are; the longest unused ones are written down."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A private, temporary database in a file without a name: it holds any number of rows in little memory.

    SQLite makes it for this one connection, and the system removes it with the process, however that ends. Every table
    has an `id`, columns to find rows by, and a `value`, any frozen one; nobody else can write what is unpickled here.
    """

    connection: sqlite3.Connection
    at_hand: OrderedDict[tuple[str, str], object] = field(default_factory=OrderedDict)

    @staticmethod
    def opened(*tables: str) -> "Rows":
        """Open an empty database with these tables."""
        connection = sqlite3.connect("", isolation_level=None, cached_statements=64)
        for statement in (*_QUICK, *tables):
            connection.execute(statement)
        return Rows(connection)

    def read(self, table: str, where: str, *arguments: object) -> list[Any]:
        """Return the values of the rows that a condition picks."""
        query = f"SELECT id, value FROM {table} WHERE {where}"  # noqa: S608 - both are written in this package
        found = self.connection.execute(query, arguments).fetchall()
        return [self._value(table, key, stored) for key, stored in found]

    def get(self, table: str, key: str) -> Any:
        """Return one row's value, or None."""
        known = self.at_hand.get((table, key))
        if known is not None:
            self.at_hand.move_to_end((table, key))
            return known
        return next(iter(self.read(table, "id = ?", key)), None)

    def each(self, table: str) -> Iterator[Any]:
        """Go through the values of all rows, a few at a time; no row may be written meanwhile."""
        for key, stored in self.connection.execute(f"SELECT id, value FROM {table}"):  # noqa: S608 - a name of our own
            yield self._value(table, key, stored)

    def column(self, table: str, name: str, key: str) -> Any:
        """Return what a row's column holds; None if there is no such row."""
        query = f"SELECT {name} FROM {table} WHERE id = ?"  # noqa: S608 - names of our own
        found = self.connection.execute(query, (key,)).fetchone()
        return None if found is None else found[0]

    def put(self, table: str, key: str, value: object, columns: Mapping[str, object] | None = None) -> None:
        """Write a row in place of any of the same key."""
        found_by = columns or {}
        names, marks = ", ".join(("id", *found_by)), ", ".join("?" for _ in range(len(found_by) + 1))
        statement = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
        self.connection.execute(statement, (key, *found_by.values()))
        self.at_hand[table, key] = value
        self.at_hand.move_to_end((table, key))
        if len(self.at_hand) > _MOST:
            self._write_down()

    def remove(self, table: str, key: str) -> None:
        """Remove a row."""
        self.at_hand.pop((table, key), None)
        self.connection.execute(f"DELETE FROM {table} WHERE id = ?", (key,))  # noqa: S608 - a name of our own

    def close(self) -> None:
        """Let go of everything."""
        self.connection.close()

    def _value(self, table: str, key: str, stored: bytes | None) -> object:
        known = self.at_hand.get((table, key))
        return pickle.loads(stored) if known is None and stored is not None else known  # noqa: S301 - our own

    def _write_down(self) -> None:
        for table, key in list(islice(self.at_hand, _MOST // 4)):
            stored = pickle.dumps(self.at_hand.pop((table, key)), pickle.HIGHEST_PROTOCOL)
            statement = f"UPDATE {table} SET value = ? WHERE id = ?"  # noqa: S608 - a name of our own
            self.connection.execute(statement, (stored, key))
