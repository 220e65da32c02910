from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

_NO_PART_OF_THE_RECORD: Final = {"claimed_until"}


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """A table whose rows are compared with those that a replay makes."""

    table: Table

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the log fills."""
        return tuple(column.name for column in self.table.c if column.name not in _NO_PART_OF_THE_RECORD)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key; the first says of what or of whom a row is."""
        return tuple(column.name for column in self.table.primary_key)

    @property
    def owner(self) -> str:
        """The column that says whose row it is."""
        return "id" if self.table.name == "users" else "user_id"
