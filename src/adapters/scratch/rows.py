import pickle
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_CACHE: Final = "PRAGMA cache_size = -8192"  # KiB that SQLite may keep in memory
_QUICK: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    _CACHE,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A private, temporary database in a file without a name: it holds any number of rows in little memory.

    SQLite makes it for this one connection and the system removes it with the process, however that ends. Values are
    frozen ones of our own; nobody else can write what is unpickled here.
    """

    connection: sqlite3.Connection

    @staticmethod
    def opened(*tables: str) -> "Rows":
        """Open an empty database with these tables."""
        connection = sqlite3.connect("", isolation_level=None)
        for statement in (*_QUICK, *tables):
            connection.execute(statement)
        return Rows(connection)

    def read(self, query: str, values: Iterable[object] = ()) -> list[Any]:
        """Return the values in the first column of what the query finds."""
        return [pickle.loads(stored) for (stored,) in self.connection.execute(query, tuple(values))]  # noqa: S301

    def change(self, statement: str, *values: object) -> int:
        """Run a statement, and return how many rows it changed."""
        return self.connection.execute(statement, values).rowcount

    def put(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row, whose last value is stored as it is in Python."""
        self.connection.executemany(
            statement, [(*keys, pickle.dumps(value, pickle.HIGHEST_PROTOCOL)) for *keys, value in rows]
        )

    def close(self) -> None:
        """Let go of everything."""
        self.connection.close()
